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
  /** Line of the cursor among the hosts; absent where there is none. */
  readonly cursor?: number;
  readonly width: number;
  readonly height: number;
}

const CELL = 10;
const LEAST_NAME = 22;

type Column = readonly [title: string, read: (host: HostSummary) => string];

/**
 * The most telling columns first; those that find no room are left out. Beside the rest of the overview these are
 * times; on a screen of their own, what failed comes before the rarer percentiles.
 */
function columnsOf(selected: number, isAlone: boolean): readonly Column[] {
  const { name } = HANDSHAKE_TIMES[selected]!;
  const p50: Column = ["p50", (host) => formatDuration(host[name].p50Ms)];
  const p90: Column = ["p90", (host) => formatDuration(host[name].p90Ms)];
  const p99: Column = ["p99", (host) => formatDuration(host[name].p99Ms)];
  const max: Column = ["max", (host) => formatDuration(host[name].maxMs)];
  const resets: Column = ["resets", (host) => formatCount(host.resets)];
  const retransmissions: Column = ["retrans.", (host) => formatCount(host.retransmissions)];
  const refused: Column = ["refused", (host) => formatCount(host.refused)];
  const unanswered: Column = ["no answer", (host) => formatCount(host.unanswered)];
  return [
    ["conns", (host) => formatCount(host.connections)],
    ...(isAlone
      ? [p50, p99, refused, unanswered, resets, retransmissions, p90, max]
      : [p50, p90, p99, max, resets, retransmissions, refused, unanswered]),
  ];
}

export function Hosts({ title, hosts, selected, cursor, width, height }: HostsProps) {
  const { glyphs } = useContext(ThemeContext);
  const columns = columnsOf(selected, cursor !== undefined).slice(
    0,
    Math.max(1, Math.floor((width - LEAST_NAME) / CELL)),
  );
  const nameWidth = Math.min(48, width - columns.length * CELL - 2);
  const lines = hosts.map((host, line): readonly Span[] => {
    const isSelected = line === cursor;
    const name = clipLeft(printable(host.name), nameWidth, glyphs.more);
    const cells = columns.map(([, read]) => pad(read(host), CELL, "right")).join("");
    const text = `${isSelected ? glyphs.cursor : " "}${pad(name, nameWidth)}${cells}`;
    return [isSelected ? span(text.padEnd(width), "selected") : span(text)];
  });
  const heading = [
    span(pad(` ${title}: ${HANDSHAKE_TIMES[selected]!.title}`, nameWidth + 1), "strong"),
    span(columns.map(([name]) => pad(name, CELL, "right")).join(""), "quiet"),
  ];
  return <Lines lines={[heading, ...lines]} width={width} height={height} />;
}
