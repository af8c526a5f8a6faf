/**
 * How long handshakes took, with their legs, as percentiles; and which of their packets were lost.
 */
import { useContext } from "react";
import { formatCount, formatDuration, pad } from "../../output/format.js";
import { whereSeenBriefly } from "../../report/capture-point-words.js";
import type { CapturePoint, Distribution, HandshakeSummary } from "../../report/summary.js";
import { joinFitting, type Span, span } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface PercentilesProps {
  readonly handshake: HandshakeSummary;
  readonly capturePoint: CapturePoint;
  readonly width: number;
  readonly height: number;
}

const LABEL_WIDTH = 12;
const VALUE_WIDTH = 9;
const COUNT_WIDTH = 11;

type Column = readonly [title: string, read: (distribution: Distribution) => string];

const QUANTILES: readonly Column[] = [
  ["p50", (d) => formatDuration(d.p50Ms)],
  ["p90", (d) => formatDuration(d.p90Ms)],
  ["p99", (d) => formatDuration(d.p99Ms)],
  ["max", (d) => formatDuration(d.maxMs)],
];

export function Percentiles({ handshake, capturePoint, width, height }: PercentilesProps) {
  const { glyphs } = useContext(ThemeContext);
  const isCounted = width >= LABEL_WIDTH + QUANTILES.length * VALUE_WIDTH + COUNT_WIDTH;
  const lines = [
    headings(capturePoint, isCounted),
    // Beside the server, what the SYN took to come there is not in it.
    line(
      capturePoint === "near-server" ? `connect ${glyphs.isAscii ? ">=" : "≥"}` : "connect",
      handshake.connectTime,
      isCounted,
      "strong",
    ),
    line("server leg", handshake.serverLeg, isCounted, "plain"),
    line("client leg", handshake.clientLeg, isCounted, "plain"),
    line("retry wait", handshake.retryWait, isCounted, "plain"),
    losses(handshake, width, glyphs),
  ];
  return <Lines lines={lines} width={width} height={height} />;
}

/** What legs mean hangs on where they were seen: that stands above them, where it is known. */
function headings(capturePoint: CapturePoint, isCounted: boolean): readonly Span[] {
  const heading = capturePoint === "unknown" ? "Handshake" : whereSeenBriefly(capturePoint);
  const titles = QUANTILES.map(([title]) => pad(title, VALUE_WIDTH, "right")).join("");
  const count = isCounted ? pad("count", COUNT_WIDTH, "right") : "";
  return [span(pad(` ${heading}`, LABEL_WIDTH), "strong"), span(count + titles, "quiet")];
}

function line(
  title: string,
  distribution: Distribution,
  isCounted: boolean,
  tone: "strong" | "plain",
): readonly Span[] {
  const values = QUANTILES.map(([, read]) => pad(read(distribution), VALUE_WIDTH, "right")).join("");
  const count = isCounted ? pad(formatCount(distribution.count), COUNT_WIDTH, "right") : "";
  return [span(pad(` ${title}`, LABEL_WIDTH)), span(count, "quiet"), span(values, tone)];
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
