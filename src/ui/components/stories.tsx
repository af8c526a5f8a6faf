/**
 * What happened to each connection of a capture that has only a few: a sentence each, in a few lines at most.
 *
 * Never asks the analysis for anything itself.
 */
import { useContext } from "react";
import { formatEndpoint, printable, wrap } from "../../output/format.js";
import type { ConnectionRecord } from "../../report/record.js";
import { sentenceFor } from "../../report/sentence.js";
import { markOf, markSpan } from "../marks.js";
import { type Span, span } from "../spans.js";
import { ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface StoriesProps {
  readonly records: readonly ConnectionRecord[];
  readonly width: number;
  /** Lines: as many as `storyLines` says, or one a connection. */
  readonly height: number;
}

/** The most connections whose sentences are shown instead of counted. */
export const MOST_STORIES = 3;

/** A story takes no more lines than this: the connection's own screen tells all of it. */
const MOST_LINES = 3;

/** The lines that the stories would take. */
export function storyLines(records: readonly ConnectionRecord[], width: number): number {
  return records.reduce((sum, record) => sum + told(record, records.length, width).length, 0);
}

/** The sentence in lines, the client's name before it where there are several. */
function told(record: ConnectionRecord, of: number, width: number): string[] {
  const { address, port } = record.client;
  const name = of > 1 ? `${formatEndpoint(address, port)}  ` : "";
  const lines = wrap(printable(sentenceFor(record)), width - 4, "", name);
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES - 1), lines.slice(MOST_LINES - 1).join(" ")];
}

export function Stories({ records, width, height }: StoriesProps) {
  const { glyphs } = useContext(ThemeContext);
  const all = records.map((record) => told(record, records.length, width));
  // Where not all find room, each has its first line.
  const isCut = all.flat().length > height;
  const lines = records.flatMap((record, index) => {
    const mark = markOf(record);
    const texts = isCut ? [all[index]!.join(" ")] : all[index]!;
    return texts.map((text, line): readonly Span[] => {
      if (mark === null) return [span(` ${text}`)];
      return line > 0 ? [span(`   ${text}`)] : [span(" "), markSpan(mark, glyphs), span(` ${text}`)];
    });
  });
  return <Lines lines={lines} width={width} height={height} />;
}
