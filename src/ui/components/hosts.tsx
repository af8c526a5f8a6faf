/**
 * The servers of the capture, or its clients, with one time of their handshakes, busiest first.
 */
import { useContext } from "react";
import { formatCount, formatDuration, pad, printable } from "../../output/format.js";
import { HANDSHAKE_TIMES, type HostSummary } from "../../report/summary.js";
import { clipLeft, type Span, span } from "../spans.js";
import { ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface HostsProps {
  readonly title: string;
  readonly hosts: readonly HostSummary[];
  /** Index into HANDSHAKE_TIMES of the time whose percentiles are shown. */
  readonly selected: number;
  readonly width: number;
  readonly height: number;
}

const CELL = 10;
const LEAST_NAME = 22;

type Column = readonly [title: string, read: (host: HostSummary) => string];

/** The most telling columns first; those that find no room are left out. */
function columnsOf(selected: number): readonly Column[] {
  const { name } = HANDSHAKE_TIMES[selected]!;
  return [
    ["conns", (host) => formatCount(host.connections)],
    ["p50", (host) => formatDuration(host[name].p50Ms)],
    ["p90", (host) => formatDuration(host[name].p90Ms)],
    ["p99", (host) => formatDuration(host[name].p99Ms)],
    ["max", (host) => formatDuration(host[name].maxMs)],
    ["resets", (host) => formatCount(host.resets)],
    ["retrans.", (host) => formatCount(host.retransmissions)],
    ["refused", (host) => formatCount(host.refused)],
    ["no answer", (host) => formatCount(host.unanswered)],
  ];
}

export function Hosts({ title, hosts, selected, width, height }: HostsProps) {
  const { glyphs } = useContext(ThemeContext);
  const columns = columnsOf(selected).slice(0, Math.max(1, Math.floor((width - LEAST_NAME) / CELL)));
  const nameWidth = Math.min(48, width - columns.length * CELL - 2);
  const row = (name: string, cells: readonly string[]): string =>
    ` ${pad(name, nameWidth)}${cells.map((cell) => pad(cell, CELL, "right")).join("")}`;
  const lines: (readonly Span[])[] = hosts.map((host) => [
    span(
      row(
        clipLeft(printable(host.name), nameWidth, glyphs.more),
        columns.map(([, read]) => read(host)),
      ),
    ),
  ]);
  const heading = [
    span(pad(` ${title}: ${HANDSHAKE_TIMES[selected]!.title}`, nameWidth + 1), "strong"),
    span(columns.map(([name]) => pad(name, CELL, "right")).join(""), "quiet"),
  ];
  return <Lines lines={[heading, ...lines]} width={width} height={height} />;
}
