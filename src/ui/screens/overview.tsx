/**
 * The first screen: the whole capture at a glance, filling while it is read.
 *
 * Panes have fixed places and sizes for a size of the terminal: figures grow, nothing moves. Only a new finding takes a
 * line from what can do with fewer, up to a bound; handshakes, outcomes and closes stay.
 */
import { Box } from "ink";
import { useContext } from "react";
import type { ConnectionRecord } from "../../report/record.js";
import type { CaptureSummary } from "../../report/summary.js";
import { CLOSES, type Close, OUTCOMES, type Outcome } from "../../report/verdicts.js";
import { CaptureLines, troublesOf } from "../components/capture-lines.js";
import { HandshakeHistogram } from "../components/histogram.js";
import { Hosts } from "../components/hosts.js";
import { Percentiles } from "../components/percentiles.js";
import { Stories, storyLines } from "../components/stories.js";
import { TimelinePane } from "../components/timeline.js";
import { TopFindings } from "../components/top-findings.js";
import { VerdictBars, type VerdictCount } from "../components/verdict-bars.js";
import { VerdictLine } from "../components/verdict-line.js";
import { shortClose } from "../names.js";
import type { OverviewFocus } from "../overview-focus.js";
import { ThemeContext, type Tone } from "../theme.js";
import { topFindingsLength } from "../top-finding-lines.js";

export interface OverviewProps {
  readonly summary: CaptureSummary;
  /** The connections where there are so few that each is told in a sentence; else none. */
  readonly few: readonly ConnectionRecord[];
  readonly focus: OverviewFocus;
  readonly width: number;
  readonly height: number;
}

const SIDE_BY_SIDE = 76;
const WIDE = 110;
const PERCENTILES_HEIGHT = 7;
/** What few connections need at most for their histogram and their kinds of close: what is above is free. */
const LEAST_MIDDLE = 4;
/** What many connections need for the same: the kinds of close that are seen often together. */
const MIDDLE = 6;
/** The most lines of findings, on a low screen and on a high one. */
const MOST_FINDINGS = 3;
const MOST_FINDINGS_TALL = 6;
/** Above that a higher screen has one more for so many of its lines. */
const LINES_PER_FINDING = 6;

export function Overview(props: OverviewProps) {
  return props.width < SIDE_BY_SIDE ? <Stacked {...props} /> : <Panes {...props} />;
}

/** The pane that shows events over time, or on a low screen the hosts that were asked for. */
function LowerPane({ summary, focus, width, height }: Omit<OverviewProps, "few">) {
  if (focus.lower === "timeline")
    return <TimelinePane summary={summary} selected={focus.time} width={width} height={height} />;
  return <HostPane summary={summary} focus={focus} width={width} height={height} />;
}

function HostPane({ summary, focus, width, height }: Omit<OverviewProps, "few">) {
  const isClients = focus.lower === "clients";
  return (
    <Hosts
      title={isClients ? "Clients" : "Servers"}
      hosts={isClients ? summary.clients : summary.servers}
      selected={focus.time}
      width={width}
      height={height}
    />
  );
}

/** How low the pane of events may become, and how high it is where there is room: findings come before its charts. */
function eventsHeights(
  { findings }: CaptureSummary,
  { lower }: OverviewFocus,
  isTall: boolean,
): readonly [least: number, most: number] {
  if (isTall) return findings.length > 0 ? [7, 9] : [9, 9];
  // Hosts that were asked for keep their lines.
  return findings.length > 0 && lower === "timeline" ? [2, 5] : [5, 5];
}

/** Two columns of panes over the timeline; with height to spare, air between them and the servers. */
function Panes({ summary, few, focus, width, height }: OverviewProps) {
  const isTall = height >= 34;
  const gap = isTall ? 1 : 0;
  const captureHeight = isTall ? 3 : lowCaptureHeight(summary);
  const serversHeight = isTall ? Math.min(12, 5 + Math.floor((height - 36) / 2)) : 0;
  const room = height - captureHeight - PERCENTILES_HEIGHT - serversHeight - (isTall ? 4 : 0);
  const leastMiddle = few.length > 0 ? LEAST_MIDDLE : MIDDLE;
  const [leastEvents, mostEvents] = eventsHeights(summary, focus, isTall);
  const { glyphs } = useContext(ThemeContext);
  const most = isTall ? Math.max(MOST_FINDINGS_TALL, Math.floor(height / LINES_PER_FINDING)) : MOST_FINDINGS;
  const findingsHeight = Math.min(
    topFindingsLength(summary.findings.slice(0, most), width, glyphs),
    most,
    Math.max(MOST_FINDINGS, room - leastMiddle - leastEvents),
  );
  const told = storyLines(few, width);
  const rest = room - findingsHeight;
  const timelineHeight = Math.max(leastEvents, Math.min(mostEvents, rest - leastMiddle - told));
  const storiesHeight = Math.min(told, Math.max(0, rest - timelineHeight - LEAST_MIDDLE));
  const middle = rest - timelineHeight - storiesHeight;
  const right = width >= WIDE ? Math.min(60, Math.floor(width * 0.42)) : 31;
  const left = width - right;
  const nameWidth = width >= WIDE ? 19 : 12;
  return (
    <Box flexDirection="column" width={width} height={height} overflow="hidden">
      <CaptureLines summary={summary} width={width} height={captureHeight} />
      <TopFindings findings={summary.findings} width={width} height={findingsHeight} />
      <Box marginTop={gap} flexShrink={0}>
        <Percentiles
          handshake={summary.handshake}
          capturePoint={summary.capturePoint}
          selected={focus.time}
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
        <HandshakeHistogram histograms={summary} selected={focus.time} width={left} height={middle} />
        <VerdictBars
          title="Close"
          counts={closesOf(summary, width >= WIDE)}
          nameWidth={nameWidth}
          width={right}
          height={middle}
        />
      </Box>
      <Box marginTop={gap} flexShrink={0}>
        {isTall ? (
          <TimelinePane summary={summary} selected={focus.time} width={width} height={timelineHeight} />
        ) : (
          <LowerPane summary={summary} focus={focus} width={width} height={timelineHeight} />
        )}
      </Box>
      <Stories records={few} width={width} height={storiesHeight} />
      {serversHeight > 0 && (
        <Box marginTop={gap} flexShrink={0}>
          <HostPane summary={summary} focus={focus} width={width} height={serversHeight} />
        </Box>
      )}
    </Box>
  );
}

/** That nothing is wrong with the capture is not said where something is wrong in it. */
function lowCaptureHeight(summary: CaptureSummary): number {
  return summary.findings.length > 0 && troublesOf(summary).length === 0 ? 1 : 2;
}

/** Lines of a histogram that can be read: heading, bars, scale. */
const LEAST_HISTOGRAM = 3;
const MOST_EVENTS = 5;

/** Everything below each other, for a narrow terminal: outcomes and closes in a line each. */
function Stacked({ summary, few, focus, width, height }: OverviewProps) {
  const captureHeight = lowCaptureHeight(summary);
  // Percentiles, outcomes and closes stay.
  const room = Math.max(0, height - captureHeight - PERCENTILES_HEIGHT - 2);
  const { glyphs } = useContext(ThemeContext);
  const wanted = topFindingsLength(summary.findings.slice(0, MOST_FINDINGS), width, glyphs);
  const findingsHeight = Math.max(0, Math.min(wanted, MOST_FINDINGS, room - LEAST_HISTOGRAM));
  const rest = room - findingsHeight;
  const events = Math.max(0, Math.min(MOST_EVENTS, rest - LEAST_HISTOGRAM));
  // Hosts that were asked for come before the histogram.
  const lowerHeight = focus.lower !== "timeline" && events < LEAST_HISTOGRAM ? rest : events;
  const above = rest - lowerHeight;
  const storiesHeight = Math.min(storyLines(few, width), Math.max(0, above - LEAST_MIDDLE));
  return (
    <Box flexDirection="column" width={width} height={height} overflow="hidden">
      <CaptureLines summary={summary} width={width} height={captureHeight} />
      <TopFindings findings={summary.findings} width={width} height={findingsHeight} />
      <Percentiles
        handshake={summary.handshake}
        capturePoint={summary.capturePoint}
        selected={focus.time}
        width={width}
        height={PERCENTILES_HEIGHT}
      />
      <VerdictLine title="Outcome" counts={outcomesOf(summary)} width={width} />
      <VerdictLine title="Close" counts={closesOf(summary, false)} width={width} />
      <HandshakeHistogram
        histograms={summary}
        selected={focus.time}
        width={width}
        height={above - storiesHeight}
      />
      <LowerPane summary={summary} focus={focus} width={width} height={lowerHeight} />
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
