/**
 * The servers of the capture with their handshake times, busiest first.
 */
import { useContext } from "react";
import { formatCount, formatDuration, pad, printable } from "../../output/format.js";
import type { HostSummary } from "../../report/summary.js";
import { clipLeft, type Span, span } from "../spans.js";
import { ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface ServersProps {
  readonly servers: readonly HostSummary[];
  readonly width: number;
  readonly height: number;
}

const CELL = 12;

type Column = readonly [title: string, read: (host: HostSummary) => string];

const COLUMNS: readonly Column[] = [
  ["connections", (host) => formatCount(host.connections)],
  ["connect p50", (host) => formatDuration(host.connectTime.p50Ms)],
  ["p99", (host) => formatDuration(host.connectTime.p99Ms)],
  ["refused", (host) => formatCount(host.refused)],
  ["unanswered", (host) => formatCount(host.unanswered)],
  ["resets", (host) => formatCount(host.resets)],
  ["retrans.", (host) => formatCount(host.retransmissions)],
];

export function Servers({ servers, width, height }: ServersProps) {
  const { glyphs } = useContext(ThemeContext);
  const columns = COLUMNS.slice(0, Math.max(1, Math.floor((width - 24) / CELL)));
  const nameWidth = Math.min(48, width - columns.length * CELL - 2);
  const row = (name: string, cells: readonly string[]): string =>
    ` ${pad(name, nameWidth)}${cells.map((cell) => pad(cell, CELL, "right")).join("")}`;
  const lines: (readonly Span[])[] = servers.map((host) => [
    span(
      row(
        clipLeft(printable(host.name), nameWidth, glyphs.more),
        columns.map(([, read]) => read(host)),
      ),
    ),
  ]);
  const title = [
    span(pad(" Servers", nameWidth + 1), "strong"),
    span(columns.map(([name]) => pad(name, CELL, "right")).join(""), "quiet"),
  ];
  return <Lines lines={[title, ...lines]} width={width} height={height} />;
}
