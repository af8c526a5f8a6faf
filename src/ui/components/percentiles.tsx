/**
 * How long handshakes took, with their legs, as percentiles; and which of their packets were lost.
 */
import { useContext } from "react";
import { formatCount, formatDuration, pad } from "../../output/format.js";
import { whereSeenBriefly } from "../../report/capture-point-words.js";
import {
  type CapturePoint,
  type Distribution,
  HANDSHAKE_TIMES,
  type HandshakeSummary,
} from "../../report/summary.js";
import { joinFitting, type Span, span } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface PercentilesProps {
  readonly handshake: HandshakeSummary;
  /** Index into HANDSHAKE_TIMES of the time that the other panes show. */
  readonly selected: number;
  readonly capturePoint: CapturePoint;
  readonly width: number;
  readonly height: number;
}

const LABEL_WIDTH = 12;
const VALUE_WIDTH = 9;
const COUNT_WIDTH = 10;

type Column = readonly [title: string, read: (distribution: Distribution) => string];

/** In the order of their places; where there is no room for all, the ones named in `LEFT_OUT` go first. */
const QUANTILES: readonly Column[] = [
  ["min", (d) => formatDuration(d.minMs)],
  ["p50", (d) => formatDuration(d.p50Ms)],
  ["p90", (d) => formatDuration(d.p90Ms)],
  ["p95", (d) => formatDuration(d.p95Ms)],
  ["p99", (d) => formatDuration(d.p99Ms)],
  ["max", (d) => formatDuration(d.maxMs)],
];

const LEFT_OUT = ["p95", "min", "p90"];

export function Percentiles({ handshake, capturePoint, selected, width, height }: PercentilesProps) {
  const { glyphs } = useContext(ThemeContext);
  const isCounted = width >= LABEL_WIDTH + 4 * VALUE_WIDTH + COUNT_WIDTH;
  const room = Math.floor((width - LABEL_WIDTH - (isCounted ? COUNT_WIDTH : 0)) / VALUE_WIDTH);
  const omitted = LEFT_OUT.slice(0, Math.max(0, QUANTILES.length - room));
  const columns = QUANTILES.filter(([title]) => !omitted.includes(title));
  const lines = [
    headings(capturePoint, columns, isCounted),
    ...HANDSHAKE_TIMES.map(({ name, title }, index) =>
      line(
        name === "connectTime" ? `${title}${bound(capturePoint, glyphs)}` : title,
        handshake[name],
        columns,
        isCounted,
        index === selected ? "strong" : "plain",
      ),
    ),
    losses(handshake, width, glyphs),
  ];
  return <Lines lines={lines} width={width} height={height} />;
}

/** Beside the server, what the SYN took to come there is not in the time to connect. */
function bound(capturePoint: CapturePoint, glyphs: Glyphs): string {
  if (capturePoint !== "near-server") return "";
  return glyphs.isAscii ? " >=" : " ≥";
}

/** What legs mean hangs on where they were seen: that stands above them, where it is known. */
function headings(
  capturePoint: CapturePoint,
  columns: readonly Column[],
  isCounted: boolean,
): readonly Span[] {
  const heading = capturePoint === "unknown" ? "Handshake" : whereSeenBriefly(capturePoint);
  const titles = columns.map(([title]) => pad(title, VALUE_WIDTH, "right")).join("");
  const count = isCounted ? pad("count", COUNT_WIDTH, "right") : "";
  return [span(pad(` ${heading}`, LABEL_WIDTH), "strong"), span(count + titles, "quiet")];
}

function line(
  title: string,
  distribution: Distribution,
  columns: readonly Column[],
  isCounted: boolean,
  tone: "strong" | "plain",
): readonly Span[] {
  const values = columns.map(([, read]) => pad(read(distribution), VALUE_WIDTH, "right")).join("");
  const count = isCounted ? pad(formatCount(distribution.count), COUNT_WIDTH, "right") : "";
  return [span(pad(` ${title}`, LABEL_WIDTH), tone), span(count, "quiet"), span(values, tone)];
}

function losses(handshake: HandshakeSummary, width: number, glyphs: Glyphs): readonly Span[] {
  const parts = [
    [handshake.synLost, "SYN"],
    [handshake.synAckLost, "SYN-ACK"],
    [handshake.handshakeAckLost, "ACK"],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, name]) => `${name} ${formatCount(count)}`);
  if (shown.length === 0) return [span(pad(" lost in it", LABEL_WIDTH), "quiet"), span(" none", "quiet")];
  return [
    span(pad(" lost in it", LABEL_WIDTH)),
    span(` ${glyphs.warning} `, "warning"),
    span(joinFitting(shown, glyphs.between, width - LABEL_WIDTH - 4)),
  ];
}
