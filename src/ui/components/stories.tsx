/**
 * What happened to each connection of a capture that has only a few: a sentence a line.
 *
 * Cut at the right, where sentences say least. Never asks the analysis for anything itself.
 */
import { useContext } from "react";
import { formatEndpoint, printable } from "../../output/format.js";
import type { ConnectionRecord } from "../../report/record.js";
import { sentenceFor } from "../../report/sentence.js";
import { markOf } from "../marks.js";
import { span } from "../spans.js";
import { ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface StoriesProps {
  readonly records: readonly ConnectionRecord[];
  readonly width: number;
  /** Lines, one a connection. */
  readonly height: number;
}

/** The most connections whose sentences are shown instead of counted. */
export const MOST_STORIES = 3;

export function Stories({ records, width, height }: StoriesProps) {
  const { glyphs } = useContext(ThemeContext);
  const lines = records.map((record) => {
    const mark = markOf(record);
    const { address, port } = record.client;
    // A single connection needs no name.
    const name = records.length > 1 ? `${formatEndpoint(address, port)}  ` : "";
    return [
      mark === null ? span(" ") : span(` ${glyphs[mark]} `, mark),
      span(name, "quiet"),
      span(printable(sentenceFor(record))),
    ];
  });
  return <Lines lines={lines} width={width} height={height} />;
}
