/**
 * The third screen: one connection, what happened to it in a sentence, its ladder and its numbers.
 */
import { Box } from "ink";
import { useContext } from "react";
import {
  clip,
  formatDuration,
  formatEndpoint,
  formatTimeOfDay,
  printable,
  wrap,
} from "../../output/format.js";
import type { Frame } from "../../report/frame.js";
import { storyOf } from "../../report/ladder-story.js";
import type { ConnectionRecord, Side } from "../../report/record.js";
import { sentenceFor } from "../../report/sentence.js";
import type { Ladder } from "../../report/view.js";
import { LadderPane } from "../components/ladder.js";
import { Lines } from "../components/lines.js";
import { PlotPane } from "../components/plot.js";
import { packetsText } from "../finding-lines.js";
import type { Evidence } from "../hooks/use-connection.js";
import type { LadderState } from "../hooks/use-ladder.js";
import { markOf } from "../marks.js";
import { flatNumbers, tallNumbers } from "../number-lines.js";
import { type Span, span, spread, widthOf } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";

export interface ConnectionProps {
  /** The connection, or null before it is there. */
  readonly record: ConnectionRecord | null;
  /** What it was opened for, where it is an example of a finding, and that one's packets. */
  readonly evidence: Evidence | null;
  readonly marked: readonly Frame[];
  readonly ladder: LadderState;
  /** What happened to it, in lines: `tellConnection`. */
  readonly story: readonly string[];
  readonly scroll: number;
  /** Whose bytes are shown as curves in the ladder's place; null for the ladder. */
  readonly plotted: Side | null;
  readonly layout: ConnectionLayout;
}

/** How the screen divides its room. */
export interface ConnectionLayout {
  readonly width: number;
  readonly height: number;
  /** Tuple, story, and the finding that it was opened for. */
  readonly headerHeight: number;
  readonly ladderWidth: number;
  /** Lines of the ladder's pane, heading included. */
  readonly ladderHeight: number;
  readonly isBeside: boolean;
  readonly numbersHeight: number;
}

const NUMBERS_WIDTH = 40;
const WIDE = 116;
const MOST_FLAT = 8;

/** A story takes a third of the height at most, and always has the room of two lines. */
const LEAST_STORY = 2;

/**
 * Divides `width` × `height`; `isZoomed` gives what the header leaves to the ladder, `isExample` the header one more line.
 */
export function layOutConnection(
  width: number,
  height: number,
  isZoomed: boolean,
  storyLines: number,
  isExample: boolean,
): ConnectionLayout {
  const most = Math.max(LEAST_STORY, Math.floor(height / 3) - 1);
  const headerHeight = 1 + Math.min(most, Math.max(LEAST_STORY, storyLines)) + (isExample ? 1 : 0);
  const rest = height - headerHeight;
  const isBeside = !isZoomed && width >= WIDE;
  const flat = isZoomed || isBeside ? 0 : Math.min(MOST_FLAT, Math.max(0, Math.floor((rest - 2) / 2)));
  return {
    width,
    height,
    headerHeight,
    ladderWidth: isBeside ? width - NUMBERS_WIDTH : width,
    ladderHeight: Math.max(2, rest - (flat > 0 ? flat + 1 : 0)),
    isBeside,
    numbersHeight: isBeside ? rest : flat,
  };
}

export function Connection(props: ConnectionProps) {
  const { record, evidence, marked, ladder, story, scroll, plotted, layout } = props;
  const { glyphs } = useContext(ThemeContext);
  const { width, height } = layout;
  if (record === null) {
    if (ladder.id !== null)
      return <LadderPane state={ladder} scroll={0} marked={[]} width={width} height={height} />;
    const line = [
      span("  no connection selected: choose one in the table (2) and open it with Enter", "quiet"),
    ];
    return <Lines lines={[[], line]} width={width} height={height} />;
  }
  const ladderPane =
    plotted !== null && ladder.ladder !== null && ladder.ladder.absent === null ? (
      <PlotPane
        ladder={ladder.ladder}
        side={plotted}
        width={layout.ladderWidth}
        height={layout.ladderHeight}
      />
    ) : (
      <LadderPane
        state={ladder}
        scroll={scroll}
        marked={marked}
        width={layout.ladderWidth}
        height={layout.ladderHeight}
      />
    );
  const shownStory = story.slice(0, layout.headerHeight - (evidence === null ? 1 : 2));
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Lines
        lines={[
          ...header(record, shownStory, story.length, width, glyphs),
          ...(evidence === null ? [] : [evidenceLine(evidence, width, glyphs)]),
        ]}
        width={width}
        height={layout.headerHeight}
      />
      {layout.isBeside ? (
        <Box>
          {ladderPane}
          <Lines
            lines={tallNumbers(record, NUMBERS_WIDTH, glyphs)}
            width={NUMBERS_WIDTH}
            height={layout.numbersHeight}
          />
        </Box>
      ) : (
        <>
          {ladderPane}
          <FlatNumbers record={record} width={width} height={layout.numbersHeight} glyphs={glyphs} />
        </>
      )}
    </Box>
  );
}

interface FlatNumbersProps {
  readonly record: ConnectionRecord;
  readonly width: number;
  readonly height: number;
  readonly glyphs: Glyphs;
}

function FlatNumbers({ record, width, height, glyphs }: FlatNumbersProps) {
  if (height <= 0) return null;
  const rule = [span(glyphs.rule.repeat(width), "quiet")];
  return (
    <Lines lines={[rule, ...flatNumbers(record, width, height, glyphs)]} width={width} height={height + 1} />
  );
}

/** What happened to the connection: its sentence, then what its ladder shows, in lines of the screen's width. */
export function tellConnection(
  record: ConnectionRecord,
  ladder: Ladder | null,
  width: number,
  glyphs: Glyphs,
): readonly string[] {
  const story = ladder === null ? [] : storyOf(ladder);
  return [
    ...wrap(printable(sentenceFor(record)), width - 2),
    ...story.flatMap((sentence) => wrap(printable(sentence), width - 2, "  ", `${glyphs.dot} `)),
  ];
}

/** The finding whose packets are pointed at below, and which of its examples this connection is. */
function evidenceLine({ finding, example }: Evidence, width: number, glyphs: Glyphs): readonly Span[] {
  const { id, examples, title } = finding;
  const { frames } = examples[example]!;
  const packets = frames.length === 0 ? "" : `${glyphs.between}${packetsText(frames)}`;
  const of = examples.length > 1 ? ` example ${example + 1} of ${examples.length}: Left, Right ` : "";
  const words = width >= WIDE ? `  ${title}` : "";
  return spread(
    [span(` ${glyphs.cursor} `, "key"), span(printable(id), "strong"), span(`${words}${packets}`)],
    [span(of, "quiet")],
    width,
    glyphs.isAscii,
  );
}

function header(
  record: ConnectionRecord,
  story: readonly string[],
  storyLength: number,
  width: number,
  glyphs: Glyphs,
): readonly (readonly Span[])[] {
  const { client, server } = record;
  const tuple = `${formatEndpoint(client.address, client.port)} ${glyphs.to} ${formatEndpoint(server.address, server.port)}`;
  const start = `${formatTimeOfDay(record.start)}${glyphs.between}${formatDuration(record.durationMs)}`;
  const mark = markOf(record);
  const isMarked = mark !== null && mark !== "note";
  const ending = isMarked ? `${glyphs[mark]} ${record.close}` : record.close;
  const right = [span(` ${start}${glyphs.between}`), span(`${ending} `, isMarked ? mark : "strong")];
  const frame = `  frame ${printable(record.id)}`;
  const hasFrame = tuple.length + frame.length + widthOf(right) < width;
  const left = [span(` ${tuple}`, "strong"), span(hasFrame ? frame : "", "quiet")];
  const first = spread(left, right, width, glyphs.isAscii);
  const leftOut = storyLength - story.length;
  const lines = story.map((line, index) => {
    const isCut = leftOut > 0 && index === story.length - 1;
    const text = isCut ? clip(`${line} `.padEnd(width), width - 2, glyphs.isAscii) : line;
    return [span(` ${text}`)];
  });
  return [first, ...lines];
}
