/**
 * A ladder diagram as lines: one a segment, an arrow between two lifelines with the states of both sides beside them.
 *
 * On an arrow `1:201 (200)` are the first byte, the one after the last, and the payload; `seq` is the number of what has
 * no payload, `ack` the next byte expected. What does not fit is left out from the end; remarks go on in lines below.
 * Sequence numbers are relative, as LadderRow has them (RFC 9293 §3.4). Pure: rows and a width in, lines out.
 */
import { clip, formatCount, formatDuration, pad, printable, wrap } from "../output/format.js";
import type { Frame } from "../report/frame.js";
import { labelWords } from "../report/row-label.js";
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

/** A line of the ladder: its row, and which of the row's lines it is. */
interface LadderLine {
  readonly index: number;
  readonly notes: readonly Span[];
  readonly isFirst: boolean;
}

/** The lines as they were laid out last, for as long as ladder and width stay. */
const laidOut = new WeakMap<Ladder, { readonly width: number; readonly lines: readonly LadderLine[] }>();

/** Notes that take more lines than this are cut: one row must not fill a screen. */
const MOST_NOTE_LINES = 8;

function linesOf(ladder: Ladder, width: number, glyphs: Glyphs): readonly LadderLine[] {
  const known = laidOut.get(ladder);
  if (known?.width === width) return known.lines;
  const { note } = measure(ladder, width);
  const lines = ladder.rows.flatMap((row, index) =>
    noteLines(row, note, toneOf(row), glyphs).map((notes, line) => ({ index, notes, isFirst: line === 0 })),
  );
  laidOut.set(ladder, { width, lines });
  return lines;
}

/** How many lines the ladder has at this width. */
export function ladderLength(ladder: Ladder, width: number, glyphs: Glyphs): number {
  return linesOf(ladder, width, glyphs).length + (ladder.omitted > 0 ? 1 : 0);
}

/** The first line that shows one of the packets; 0 where the ladder has none of them. */
export function firstLineOf(ladder: Ladder, frames: readonly Frame[], width: number, glyphs: Glyphs): number {
  if (frames.length === 0) return 0;
  const line = linesOf(ladder, width, glyphs).findIndex(({ index }) =>
    frames.includes(ladder.rows[index]!.frame),
  );
  return Math.max(0, line);
}

/**
 * The lines from `first` on, at most `count`; the first of them always says both states. The packets in `marked` have
 * the cursor's mark before them.
 */
export function ladderLines(
  ladder: Ladder,
  first: number,
  count: number,
  width: number,
  glyphs: Glyphs,
  marked: readonly Frame[] = [],
): readonly (readonly Span[])[] {
  const measures = measure(ladder, width);
  const all = linesOf(ladder, width, glyphs);
  const shown = all.slice(first, first + count);
  let { client, server } = statesBefore(ladder.rows, shown[0]?.index ?? 0);
  const lines = shown.map(({ index, notes, isFirst }, line) => {
    const row = ladder.rows[index]!;
    if (!isFirst) return restLine(notes, measures, glyphs);
    client = row.clientState ?? client;
    server = row.serverState ?? server;
    const mark = marked.includes(row.frame) ? glyphs.cursor : " ";
    return rowLine(row, measures, glyphs, mark, notes, {
      client: line === 0 ? client : row.clientState,
      server: line === 0 ? server : row.serverState,
      isClientNew: row.clientState !== null,
      isServerNew: row.serverState !== null,
    });
  });
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

/** A line of notes below its row, between the lifelines nothing. */
function restLine(notes: readonly Span[], measures: Measures, glyphs: Glyphs): readonly Span[] {
  const { frame, state, lane } = measures;
  const before = " ".repeat(frame + DELTA_WIDTH + state + 2);
  const between = `${glyphs.lifeline}${" ".repeat(lane - 2)}${glyphs.lifeline}`;
  return [span(before), span(between, "quiet"), span(" ".repeat(state + 2)), ...notes];
}

function rowLine(
  row: LadderRow,
  measures: Measures,
  glyphs: Glyphs,
  mark: string,
  notes: readonly Span[],
  states: States,
): readonly Span[] {
  const { isWide, frame, state, lane } = measures;
  const nameOf = (name: StateName | null): string => (name === null ? "" : isWide ? name : shortState(name));
  const tone = toneOf(row);
  const delta = row.atMs === 0 && row.deltaMs === 0 ? "0" : `+${formatDuration(row.deltaMs)}`;
  const name = frame > 0 ? pad(frameText(row).slice(1 - frame), frame, "right") : "";
  const numbers = `${name}${pad(delta, DELTA_WIDTH, "right")}`;
  return [
    span(mark, "key"),
    // Their first place is blank: the widest number leaves it free.
    span(numbers.slice(1), "quiet"),
    span(` ${pad(nameOf(states.client), state, "right")} `, states.isClientNew ? "strong" : "quiet"),
    span(arrow(row, lane, glyphs), tone),
    span(` ${pad(nameOf(states.server), state)} `, states.isServerNew ? "strong" : "quiet"),
    ...notes,
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

const PROBES: ReadonlySet<string> = new Set(["keep-alive", "zero-window-probe"]);

/** What an arrow says, the most telling part first. */
function segmentParts(row: LadderRow): readonly string[] {
  const { flags, sequence, end, payloadBytes, acknowledgment } = row;
  if (flags === "ICMP") return [flags];
  const hasData = payloadBytes > 0;
  const isOpening = flags.includes("SYN");
  const isReset = flags.includes("RST");
  const hasAck = acknowledgment !== null;
  const parts: string[] = [];
  // The number of the acknowledgment says that the flag is set; a reset's flags tell who sent it.
  const names = flags.split(" ").filter((flag) => isReset || isOpening || flag !== "ACK" || !hasAck);
  if (names.length > 0) parts.push(names.join(" "));
  if (hasData) parts.push(`${sequence}:${end - (flags.includes("FIN") ? 1 : 0)}`, `(${payloadBytes})`);
  else if (isReset || end !== sequence ? !isOpening || sequence !== 0 : false) parts.push(`seq ${sequence}`);
  const isPlainAck = names.length === 0 && !hasData;
  // Of a probe the number tells what it is: one below the next byte.
  if (isPlainAck && PROBES.has(row.label)) parts.push(`seq ${sequence}`);
  if (isPlainAck) parts.push(`ack ${acknowledgment}`);
  for (const [left, right] of row.sack) parts.push(`SACK ${left}:${right}`);
  if (row.window === 0 && !isReset) parts.push("win 0");
  if (!isPlainAck && hasAck) parts.push(`ack ${acknowledgment}`);
  return parts;
}

/** Label and remarks in lines of `room` characters; at least one line. */
function noteLines(row: LadderRow, room: number, tone: Tone, glyphs: Glyphs): readonly (readonly Span[])[] {
  if (room <= 0) return [[]];
  const name = labelWords(row);
  // One word that is wider than the room goes on in the next line, behind the last hyphen that fits.
  const hyphen = name.lastIndexOf("-", room - 1);
  const isTooWide = name.length > room && !name.includes(" ");
  const label = isTooWide ? `${name.slice(0, hyphen + 1)} ${name.slice(hyphen + 1)}`.trim() : name;
  const remarks = row.remarks.map(printable).join(glyphs.isAscii ? ", " : glyphs.between);
  const text = [label, remarks].filter((part) => part !== "").join(" ");
  const wrapped = wrap(text, room);
  const shown = wrapped.slice(0, MOST_NOTE_LINES);
  if (wrapped.length > MOST_NOTE_LINES)
    shown[MOST_NOTE_LINES - 1] = wrapped.slice(MOST_NOTE_LINES - 1).join(" ");
  return shown.map((line, index) => {
    const cut = clip(line, room, glyphs.isAscii);
    if (index > 0 || label === "") return [span(cut)];
    return [span(cut.slice(0, label.length), tone), span(cut.slice(label.length))];
  });
}
