/**
 * The findings as lines: a list with the selected one unfolded below its own line, and how one moves through it.
 *
 * Pure: findings, a place and a size in, lines out. Only the lines that are shown are made, however many findings there
 * are; what came from a capture is escaped.
 */
import { clip, formatCount, formatDuration, pad, printable, wrap } from "../output/format.js";
import { type Actor, CERTAINTY, type Finding, type FindingExample } from "../report/finding.js";
import type { Frame } from "../report/frame.js";
import { markSpan } from "./marks.js";
import { type Span, span } from "./spans.js";
import type { Glyphs, Tone } from "./theme.js";

type Line = readonly Span[];

/** Where the list stands. */
export interface FindingsPlace {
  /** The selected finding, which is unfolded. */
  readonly index: number;
  /** Its lines that are scrolled away above, where it has more than the screen. */
  readonly skip: number;
}

/** What the list is laid out to. */
export interface FindingsRoom {
  readonly width: number;
  /** Lines, without that of the headings. */
  readonly height: number;
  readonly glyphs: Glyphs;
}

/** Findings whose lines stay in sight beside an unfolded one with many examples. */
const OTHERS_IN_SIGHT = 5;

/** From these widths on: columns of connections, of who acts and time lost, and all of them wide. */
const WITH_CONNECTIONS = 50;
const WITH_ALL = 70;
const WIDE = 110;

const WORD_WIDTH = 8;
const LABEL_WIDTH = 13;
/** Examples that are told at least, even where the unfolded finding then has more lines than the screen. */
const LEAST_EXAMPLES = 3;
const MOST_EXAMPLES = 10;

const WORDS: Readonly<Record<Finding["severity"], string>> = {
  problem: "PROBLEM",
  warning: "warning",
  note: "note",
};

const TONES: Readonly<Record<Finding["severity"], Tone>> = {
  problem: "problem",
  warning: "warning",
  note: "plain",
};

interface Measures {
  readonly actor: number;
  readonly sentence: number;
  readonly connections: number;
  readonly lost: number;
}

function measure(width: number): Measures {
  const actor = width >= WITH_ALL ? 10 : 0;
  const connections = width >= WITH_CONNECTIONS ? (width >= WIDE ? 9 : 7) : 0;
  const lost = width >= WITH_ALL ? (width >= WIDE ? 13 : 10) : 0;
  return { actor, connections, lost, sentence: width - 4 - WORD_WIDTH - actor - connections - lost };
}

export function severityWord(severity: Finding["severity"]): string {
  return WORDS[severity];
}

/** Who has to act, in one word. */
export function actorWord(actor: Actor): string {
  return actor === "unknown" ? "unclear" : actor;
}

/** The headings above the list. */
export function findingsHeading(width: number): Line {
  const { actor, sentence, connections, lost } = measure(width);
  const text =
    `   ${pad("severity", WORD_WIDTH)}${actor > 0 ? pad(" who acts", actor) : ""} ${pad("what was seen", sentence)}` +
    `${connections > 0 ? pad("conns", connections, "right") : ""}${lost > 0 ? pad("lost", lost, "right") : ""}`;
  return [span(text, "quiet")];
}

/** One finding in one line. */
function headLine(finding: Finding, isSelected: boolean, { width, glyphs }: FindingsRoom): Line {
  const { actor, sentence, connections, lost } = measure(width);
  const word = pad(WORDS[finding.severity], WORD_WIDTH);
  const who = actor > 0 ? pad(` ${actorWord(finding.actor)}`, actor) : "";
  const said = pad(clip(printable(finding.sentence), sentence, glyphs.isAscii), sentence);
  const count = finding.connections > 0 ? formatCount(finding.connections) : "-";
  const figures =
    (connections > 0 ? pad(count, connections, "right") : "") +
    (lost > 0 ? pad(formatDuration(finding.lostMs || null), lost, "right") : "");
  const mark = markSpan(finding.severity, glyphs);
  if (isSelected) {
    return [span(`${glyphs.cursor}${mark.text} ${word}${who} ${said}${figures}`.padEnd(width), "selected")];
  }
  return [span(" "), mark, span(` ${word}`, TONES[finding.severity]), span(`${who} ${said}${figures}`)];
}

/** What there is to say of a finding beside its line. */
function details(finding: Finding, of: number, room: FindingsRoom): readonly Line[] {
  const { width, height } = room;
  const isCut = printable(finding.sentence).length > measure(width).sentence;
  const { actor, confidence, advice, mistakenFor } = finding;
  const who = actor === "unknown" ? "cannot be told from the capture" : actor;
  const texts: readonly (readonly [string, string])[] = [
    ...(isCut ? [["seen", printable(finding.sentence)] as const] : []),
    ["has to act", who],
    ["how sure", CERTAINTY[confidence]],
    ["what to do", printable(advice)],
    ...(mistakenFor === null ? [] : [["mistaken for", printable(mistakenFor)] as const]),
  ];
  const said = texts.flatMap(([label, text]) => labelled(label, text, width));
  const left = height - said.length - 2 - Math.min(of - 1, OTHERS_IN_SIGHT);
  return [...said, ...exampleLines(finding, Math.max(LEAST_EXAMPLES, left), room)];
}

function labelled(label: string, text: string, width: number): readonly Line[] {
  if (width < WITH_CONNECTIONS) {
    // No room for a column of labels.
    const before = label === "" ? "  " : `${label}: `;
    return wrap(text, width - 2, "  ", before).map((part, line) =>
      line > 0 ? [span(` ${part}`)] : [span(` ${before}`, "quiet"), span(part.slice(before.length))],
    );
  }
  const indent = indentOf(width);
  return wrap(text, width - indent.length - LABEL_WIDTH - 1).map((part, line) => [
    span(`${indent}${pad(line === 0 ? label : "", LABEL_WIDTH)}`, "quiet"),
    span(part),
  ]);
}

function indentOf(width: number): string {
  return width >= WITH_ALL ? "   " : " ";
}

/** The connections that it cost most, at most `most` of them, and how to come to the others. */
function exampleLines(finding: Finding, most: number, { width, glyphs }: FindingsRoom): readonly Line[] {
  const { examples, connections } = finding;
  if (examples.length === 0) {
    const whose =
      connections > 0 ? "counted over the host: t lists its connections" : "it is of the capture as a whole";
    return labelled("examples", `none: ${whose}`, width);
  }
  const shown = examples.slice(0, Math.min(most, MOST_EXAMPLES));
  const left = connections - shown.length;
  const names = shown.map(({ connection }) => `connection ${printable(connection)}`);
  const nameWidth = Math.max(...names.map((name) => name.length));
  const texts = shown.map((example, i) => exampleText(example, pad(names[i]!, nameWidth), glyphs));
  if (left > 0) texts.push(`${formatCount(left)} more: t lists all in the table`);
  const room = width - indentOf(width).length - LABEL_WIDTH - 1;
  return texts.flatMap((text, line) => {
    const fitted = width < WITH_CONNECTIONS ? text : clip(text, room, glyphs.isAscii);
    return labelled(line === 0 ? "examples" : "", fitted, width);
  });
}

function exampleText({ connection, frames, lostMs }: FindingExample, name: string, glyphs: Glyphs): string {
  const cost = lostMs !== null && lostMs > 0 ? `${formatDuration(lostMs)} lost` : "";
  return [name, cost, frames.length === 0 ? "" : packetsText(frames, connection)]
    .filter((part) => part !== "")
    .join(glyphs.between);
}

/**
 * "packets 17, 18"; where several files were read "packets a.pcap:17, 18", a file's name where it changes, and not that
 * of the frame `before`.
 */
export function packetsText(frames: readonly Frame[], before: Frame = ""): string {
  let last = fileOf(before);
  const names = frames.map((frame) => {
    const name = printable(String(frame));
    const file = fileOf(frame);
    const shown = file === last ? name.slice(file.length) : name;
    last = file;
    return shown;
  });
  return `${frames.length === 1 ? "packet" : "packets"} ${names.join(", ")}`;
}

/** "a.pcap:" of "a.pcap:17"; empty where one file was read. */
function fileOf(frame: Frame): string {
  const name = printable(String(frame));
  return name.slice(0, name.lastIndexOf(":") + 1);
}

/** First line of the list that is shown: all of the unfolded finding, and the next one's line, where they fit. */
function topOf(place: FindingsPlace, unfolded: number, of: number, height: number): number {
  if (place.skip > 0) return place.index + place.skip;
  const isLast = place.index === of - 1;
  const end = place.index + unfolded + (isLast ? 1 : 2);
  return Math.min(place.index, Math.max(0, end - height));
}

/** The lines of the list that are on the screen. */
export function findingsLines(
  findings: readonly Finding[],
  place: FindingsPlace,
  room: FindingsRoom,
): readonly Line[] {
  const selected = findings[place.index];
  if (selected === undefined) return [];
  const block = details(selected, findings.length, room);
  const top = topOf(place, block.length, findings.length, room.height);
  const lines: Line[] = [];
  for (let at = top; lines.length < room.height && at < findings.length + block.length; at++) {
    const below = at - place.index - 1;
    if (below >= 0 && below < block.length) lines.push(block[below]!);
    else {
      const index = at > place.index ? at - block.length : at;
      lines.push(headLine(findings[index]!, index === place.index, room));
    }
  }
  return lines;
}

/**
 * The place after moving by `by` findings, within the list. Of an unfolded finding with more lines than the screen the
 * rest comes first, and on the way back its beginning.
 */
export function moveInFindings(
  findings: readonly Finding[],
  place: FindingsPlace,
  by: number,
  room: FindingsRoom,
): FindingsPlace {
  const selected = findings[place.index];
  if (selected === undefined) return place;
  if (by === -1 && place.skip > 0) return { index: place.index, skip: 0 };
  const hidden = 1 + details(selected, findings.length, room).length - place.skip - room.height;
  if (by === 1 && hidden > 0) {
    return { index: place.index, skip: place.skip + Math.min(hidden, Math.max(1, room.height - 2)) };
  }
  const index = Math.max(0, Math.min(findings.length - 1, place.index + by));
  return index === place.index ? place : { index, skip: 0 };
}
