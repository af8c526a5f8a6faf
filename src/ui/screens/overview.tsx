/**
 * The first screen: the whole capture at a glance, filling while it is read.
 *
 * Panes have fixed places and sizes for a size of the terminal: figures grow, nothing moves.
 */
import { Box } from "ink";
import type { ConnectionRecord } from "../../report/record.js";
import type { CaptureSummary } from "../../report/summary.js";
import { CLOSES, type Close, OUTCOMES, type Outcome } from "../../report/verdicts.js";
import { CaptureLines } from "../components/capture-lines.js";
import { HandshakeHistogram } from "../components/histogram.js";
import { Percentiles } from "../components/percentiles.js";
import { Servers } from "../components/servers.js";
import { Stories } from "../components/stories.js";
import { TimelinePane } from "../components/timeline.js";
import { VerdictBars, type VerdictCount } from "../components/verdict-bars.js";
import { VerdictLine } from "../components/verdict-line.js";
import { shortClose } from "../names.js";
import type { Tone } from "../theme.js";

export interface OverviewProps {
  readonly summary: CaptureSummary;
  /** The connections where there are so few that each is told in a sentence; else none. */
  readonly few: readonly ConnectionRecord[];
  readonly width: number;
  readonly height: number;
}

const SIDE_BY_SIDE = 76;
const WIDE = 110;
const PERCENTILES_HEIGHT = 6;
/** What few connections need at most for their histogram and their kinds of close: what is above is free. */
const LEAST_MIDDLE = 4;

export function Overview({ summary, few, width, height }: OverviewProps) {
  return width < SIDE_BY_SIDE ? (
    <Stacked summary={summary} few={few} width={width} height={height} />
  ) : (
    <Panes summary={summary} few={few} width={width} height={height} />
  );
}

/** Two columns of panes over the timeline; with height to spare, air between them and the servers. */
function Panes({ summary, few, width, height }: OverviewProps) {
  const isTall = height >= 34;
  const gap = isTall ? 1 : 0;
  const captureHeight = isTall ? 3 : 2;
  const timelineHeight = isTall ? 7 : 5;
  const serversHeight = isTall ? Math.min(12, 6 + Math.floor((height - 36) / 2)) : 0;
  const room =
    height - captureHeight - PERCENTILES_HEIGHT - timelineHeight - serversHeight - (isTall ? 4 : 0);
  const storiesHeight = Math.min(few.length, Math.max(0, room - LEAST_MIDDLE));
  const middle = room - storiesHeight;
  const right = width >= WIDE ? Math.min(60, Math.floor(width * 0.42)) : 31;
  const left = width - right;
  const nameWidth = width >= WIDE ? 19 : 12;
  const { handshake, connectTimes, serverLegs, clientLegs } = summary;
  return (
    <Box flexDirection="column" width={width} height={height} overflow="hidden">
      <CaptureLines summary={summary} width={width} height={captureHeight} />
      <Box marginTop={gap} flexShrink={0}>
        <Percentiles
          handshake={handshake}
          capturePoint={summary.capturePoint}
          width={left}
          height={PERCENTILES_HEIGHT}
        />
        <VerdictBars
          title="Outcome"
          counts={outcomesOf(summary)}
          nameWidth={nameWidth}
          width={right}
          height={PERCENTILES_HEIGHT}
        />
      </Box>
      <Box marginTop={gap} flexShrink={0}>
        <HandshakeHistogram
          connectTimes={connectTimes}
          serverLegs={serverLegs}
          clientLegs={clientLegs}
          width={left}
          height={middle}
        />
        <VerdictBars
          title="Close"
          counts={closesOf(summary, width >= WIDE)}
          nameWidth={nameWidth}
          width={right}
          height={middle}
        />
      </Box>
      <Box marginTop={gap} flexShrink={0}>
        <TimelinePane summary={summary} width={width} height={timelineHeight} />
      </Box>
      <Stories records={few} width={width} height={storiesHeight} />
      {serversHeight > 0 && (
        <Box marginTop={gap} flexShrink={0}>
          <Servers servers={summary.servers} width={width} height={serversHeight} />
        </Box>
      )}
    </Box>
  );
}

/** Everything below each other, for a narrow terminal: outcomes and closes in a line each. */
function Stacked({ summary, few, width, height }: OverviewProps) {
  const timelineHeight = height >= 18 ? 5 : 4;
  const room = Math.max(3, height - 10 - timelineHeight);
  const storiesHeight = Math.min(few.length, Math.max(0, room - LEAST_MIDDLE));
  const { handshake, connectTimes, serverLegs, clientLegs } = summary;
  return (
    <Box flexDirection="column" width={width} height={height} overflow="hidden">
      <CaptureLines summary={summary} width={width} height={2} />
      <Percentiles
        handshake={handshake}
        capturePoint={summary.capturePoint}
        width={width}
        height={PERCENTILES_HEIGHT}
      />
      <VerdictLine title="Outcome" counts={outcomesOf(summary)} width={width} />
      <VerdictLine title="Close" counts={closesOf(summary, false)} width={width} />
      <HandshakeHistogram
        connectTimes={connectTimes}
        serverLegs={serverLegs}
        clientLegs={clientLegs}
        width={width}
        height={room - storiesHeight}
      />
      <TimelinePane summary={summary} width={width} height={timelineHeight} />
      <Stories records={few} width={width} height={storiesHeight} />
    </Box>
  );
}

const OUTCOME_TONES: Readonly<Partial<Record<Outcome, Tone>>> = {
  completed: "good",
  simultaneous: "good",
  "mid-stream": "accent",
  embryonic: "warning",
};

const CLOSE_TONES: Readonly<Partial<Record<Close, Tone>>> = {
  graceful: "good",
  open: "accent",
  idle: "accent",
  "graceful-unfinished": "warning",
  "half-closed": "warning",
};

function outcomesOf(summary: CaptureSummary): readonly VerdictCount[] {
  const known = OUTCOMES.map(
    (name): VerdictCount => ({ name, count: summary.outcomes[name], tone: OUTCOME_TONES[name] ?? "problem" }),
  );
  return [...known, { name: "cannot tell", count: summary.outcomesUnknown, tone: "quiet" }];
}

function closesOf(summary: CaptureSummary, isWide: boolean): readonly VerdictCount[] {
  return CLOSES.map((name) => ({
    name: isWide ? name : shortClose(name),
    count: summary.closes[name],
    tone: CLOSE_TONES[name] ?? "problem",
  }));
}
