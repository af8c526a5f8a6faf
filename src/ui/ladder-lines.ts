/**
 * A ladder diagram as lines: one a segment, an arrow between two lifelines with the states of both sides beside them.
 *
 * What does not fit into the arrow is left out from its end; the sequence numbers stay longest. Sequence numbers are
 * relative, as LadderRow has them (RFC 9293 §3.4). Pure: rows and a width in, lines out.
 */
import { clip, formatCount, formatDuration, pad, printable } from "../output/format.js";
import type { Ladder, LadderRow } from "../report/view.js";
import type { StateName } from "../tcp/states.js";
import { SHORT_STATE_WIDTH, STATE_WIDTH, shortState } from "./names.js";
import { joinFitting, type Span, span } from "./spans.js";
import type { Glyphs, Tone } from "./theme.js";

const DELTA_WIDTH = 10;
/** Numbers of frames stand beside the ladder where it is at least this wide. */
const LEAST_WITH_FRAMES = 76;
/** Room for a frame with its file's name, which is cut at the left: the number is what is looked for. */
const FRAME_WITH_FILE = 16;
const LEAST_LANE = 16;
const MOST_LANE = 60;
/** From this width on states are written out. */
const WIDE = 96;

interface Measures {
  readonly isWide: boolean;
  /** Width of the frame numbers, 0 where they are left out. */
  readonly frame: number;
  readonly state: number;
  readonly lane: number;
  readonly note: number;
}

function measure(ladder: Ladder, width: number): Measures {
  const isWide = width >= WIDE;
  const state = isWide ? STATE_WIDTH : SHORT_STATE_WIDTH;
  const last = ladder.rows.at(-1)?.frame ?? 0;
  const longest = typeof last === "number" ? Math.max(3, String(last).length) : FRAME_WITH_FILE;
  const frame = width >= LEAST_WITH_FRAMES ? longest + 1 : 0;
  // Frame, delta, two states, and the blanks between five columns.
  const room = width - frame - DELTA_WIDTH - 2 * state - 5;
  const lane = Math.max(LEAST_LANE, Math.min(MOST_LANE, Math.ceil(room * 0.64)));
  return { isWide, frame, state, lane, note: Math.max(0, room - lane) };
}

/** The frame's number, with its file where several were read. */
function frameText(row: LadderRow): string {
  return printable(String(row.frame));
}

/** The heading above the ladder. */
export function ladderHeading(ladder: Ladder, width: number): readonly Span[] {
  const { frame, state, lane } = measure(ladder, width);
  const sides = `${pad("client", lane - 6)}server`;
  return [
    span(
      `${frame > 0 ? pad("no.", frame, "right") : ""}${pad("after", DELTA_WIDTH, "right")} ${pad("state", state, "right")} `,
      "quiet",
    ),
    span(`${sides} `, "strong"),
    span(`${pad("state", state)} label`, "quiet"),
  ];
}

/** How many lines the ladder has. */
export function ladderLength(ladder: Ladder): number {
  return ladder.rows.length + (ladder.omitted > 0 ? 1 : 0);
}

/** The lines from `first` on, at most `count`; the first of them always says both states. */
export function ladderLines(
  ladder: Ladder,
  first: number,
  count: number,
  width: number,
  glyphs: Glyphs,
): readonly (readonly Span[])[] {
  const measures = measure(ladder, width);
  let { client, server } = statesBefore(ladder.rows, first);
  const lines: (readonly Span[])[] = [];
  for (let index = first; index < Math.min(first + count, ladder.rows.length); index++) {
    const row = ladder.rows[index]!;
    client = row.clientState ?? client;
    server = row.serverState ?? server;
    const isFirst = index === first;
    lines.push(
      rowLine(row, measures, glyphs, {
        client: isFirst ? client : row.clientState,
        server: isFirst ? server : row.serverState,
        isClientNew: row.clientState !== null,
        isServerNew: row.serverState !== null,
      }),
    );
  }
  if (ladder.omitted > 0 && lines.length < count) {
    lines.push([
      span(`${" ".repeat(DELTA_WIDTH)} ${formatCount(ladder.omitted)} more segments are not shown`, "quiet"),
    ]);
  }
  return lines;
}

/** The states of both sides before row `first`. */
function statesBefore(
  rows: readonly LadderRow[],
  first: number,
): {
  readonly client: StateName | null;
  readonly server: StateName | null;
} {
  let client: StateName | null = null;
  let server: StateName | null = null;
  for (let index = first - 1; index >= 0 && (client === null || server === null); index--) {
    client ??= rows[index]!.clientState;
    server ??= rows[index]!.serverState;
  }
  return { client, server };
}

interface States {
  readonly client: StateName | null;
  readonly server: StateName | null;
  readonly isClientNew: boolean;
  readonly isServerNew: boolean;
}

function rowLine(row: LadderRow, measures: Measures, glyphs: Glyphs, states: States): readonly Span[] {
  const { isWide, frame, state, lane, note } = measures;
  const nameOf = (name: StateName | null): string => (name === null ? "" : isWide ? name : shortState(name));
  const tone = toneOf(row);
  const delta = row.atMs === 0 && row.deltaMs === 0 ? "0" : `+${formatDuration(row.deltaMs)}`;
  return [
    span(
      `${frame > 0 ? pad(frameText(row).slice(1 - frame), frame, "right") : ""}${pad(delta, DELTA_WIDTH, "right")}`,
      "quiet",
    ),
    span(` ${pad(nameOf(states.client), state, "right")} `, states.isClientNew ? "strong" : "quiet"),
    span(arrow(row, lane, glyphs), tone),
    span(` ${pad(nameOf(states.server), state)} `, states.isServerNew ? "strong" : "quiet"),
    ...noteSpans(row, note, tone, glyphs),
  ];
}

function toneOf(row: LadderRow): Tone {
  if (row.flags.includes("RST")) return "problem";
  if (row.label === "retransmission" || row.label === "after-gap" || row.label === "out-of-window")
    return "warning";
  return row.payloadBytes > 0 || row.flags.includes("SYN") || row.flags.includes("FIN") ? "accent" : "plain";
}

/** Labels whose arrow is dashed: what was sent before, or is a copy. */
const REPEATED: ReadonlySet<string> = new Set(["retransmission", "network-duplicate", "capture-duplicate"]);

function arrow(row: LadderRow, lane: number, glyphs: Glyphs): string {
  const stroke = REPEATED.has(row.label) ? glyphs.dashed : glyphs.line;
  // Lifelines, head, and a stroke with a blank on each side of the text.
  const room = lane - 7;
  const text = clip(joinFitting(segmentParts(row), " ", room), room, glyphs.isAscii);
  const shaft = stroke.repeat(room - text.length + 1);
  return row.from === "client"
    ? `${glyphs.fromLeft}${stroke} ${text} ${shaft}${glyphs.headRight}${glyphs.lifeline}`
    : `${glyphs.lifeline}${glyphs.headLeft}${shaft} ${text} ${stroke}${glyphs.fromRight}`;
}

/** What an arrow says, the most telling part first. */
function segmentParts(row: LadderRow): readonly string[] {
  const { flags, sequence, end, payloadBytes, acknowledgment } = row;
  if (flags === "ICMP") return [flags];
  const hasData = payloadBytes > 0;
  const isOpening = flags.includes("SYN");
  const isPlainAck = flags === "ACK" && !hasData;
  const main = isPlainAck ? `ACK ${acknowledgment ?? ""}`.trimEnd() : hasData ? "" : flags;
  const parts: string[] = [];
  // "ACK" is on nearly every segment with data: it is left out there, its number comes at the end.
  const marks = hasData
    ? flags
        .split(" ")
        .filter((flag) => flag !== "ACK")
        .join(" ")
    : main;
  const range = `${sequence}:${end}`;
  if (hasData) parts.push(marks === "" ? range : `${marks} ${range}`, `(${payloadBytes})`);
  else parts.push(isPlainAck || isOpening ? main : `${main} ${sequence}`);
  if (isOpening && sequence !== 0) parts.push(`seq ${sequence}`);
  for (const [left, right] of row.sack) parts.push(`SACK ${left}:${right}`);
  if (row.window === 0 && !flags.includes("RST")) parts.push("window 0");
  if (!isPlainAck && acknowledgment !== null && !flags.includes("RST")) parts.push(`ack ${acknowledgment}`);
  return parts;
}

function noteSpans(row: LadderRow, room: number, tone: Tone, glyphs: Glyphs): readonly Span[] {
  if (room <= 0) return [];
  const label = row.label === "new" ? "" : row.label;
  const remarks = row.remarks.join(glyphs.isAscii ? ", " : glyphs.between);
  if (label === "") return [span(clip(remarks, room, glyphs.isAscii))];
  const shown = clip(label, room, glyphs.isAscii);
  const left = room - shown.length - 2;
  return left > 3 && remarks !== ""
    ? [span(shown, tone), span(`  ${clip(remarks, left, glyphs.isAscii)}`)]
    : [span(shown, tone)];
}
