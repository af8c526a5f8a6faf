/**
 * The ladder diagram in text: two lifelines, the client's left and the server's right, one arrow a segment between
 * them, each side's state beside its lifeline where it changes (RFC 9293 §3.3.2).
 *
 * Sequence numbers are relative, as the rows bring them. Between 80 and 200 columns; what does not stand beside its
 * arrow stands below it, nothing is left out.
 */
import { storyOf } from "../report/ladder-story.js";
import { labelWords } from "../report/row-label.js";
import { sentenceFor } from "../report/sentence.js";
import type { Ladder, LadderRow } from "../report/view.js";
import {
  formatCount,
  formatDuration,
  formatEndpoint,
  formatNumberOf,
  pad,
  printable,
  startText,
  wrap,
} from "./format.js";
import { emphasize, glyphs, type Medium } from "./style.js";

const STATE_WIDTH = 12;
const DELTA_WIDTH_MIN = 9;
/** The narrowest room for remarks beside the arrows, and the widest that arrows become. */
const REMARKS_MIN = 20;
const ARROW_MAX = 64;
const ARROW_SHARE = 0.6;
const ARROW_MIN = 30;

/** Both lifelines, the head, the shaft's first stroke and two blanks. */
const ARROW_ENDS = 6;

interface Strokes {
  readonly line: string;
  readonly dash: string;
  readonly fromClient: readonly [tail: string, head: string];
  readonly fromServer: readonly [head: string, tail: string];
  readonly bare: string;
}

const BOX: Strokes = {
  line: "─",
  dash: "╌",
  fromClient: ["├", "▶│"],
  fromServer: ["│◀", "┤"],
  bare: "│",
};
const ASCII: Strokes = { line: "-", dash: ".", fromClient: ["|", ">|"], fromServer: ["|<", "|"], bare: "|" };

interface Layout {
  readonly frameWidth: number;
  readonly deltaWidth: number;
  /** From lifeline to lifeline, both included. */
  readonly arrowWidth: number;
  /** 0 where remarks stand below their arrows. */
  readonly remarksWidth: number;
  readonly strokes: Strokes;
}

/** The diagram of one connection with its heading, as lines of at most `medium.width` (80 to 200) characters. */
export function ladderLines(ladder: Ladder, medium: Medium): string[] {
  const { record, rows, omitted, absent } = ladder;
  const width = Math.min(200, Math.max(80, medium.width));
  const { arrow, dot } = glyphs(medium);
  const client = formatEndpoint(record.client.address, record.client.port);
  const server = formatEndpoint(record.server.address, record.server.port);
  const when = [startText(record, medium.isRelative), formatDuration(record.durationMs), record.close].join(
    ` ${dot} `,
  );
  const lines = [
    ...wrap(`${client} ${arrow} ${server}`, width).map((line) => emphasize(medium, "heading", line)),
    when,
    ...wrap(printable(sentenceFor(record)), width),
    ...storyOf(ladder).flatMap((sentence) => wrap(printable(sentence), width, "  ", `${dot} `)),
    "",
  ];
  if (absent !== null) return [...lines, ...wrap(`No diagram: ${printable(absent)}.`, width)];
  const layout = layOut(rows, width, medium.isAscii);
  lines.push(emphasize(medium, "faint", headingLine(layout)));
  for (const row of rows) lines.push(...rowLines(row, layout));
  if (omitted > 0) {
    const segments = formatNumberOf(omitted, "more segment", "more segments");
    lines.push("", ...wrap(`${segments} of this connection are not shown.`, width));
  }
  return lines;
}

function layOut(rows: readonly LadderRow[], width: number, isAscii: boolean): Layout {
  const frameWidth = Math.max(5, ...rows.map((row) => frameText(row).length));
  const deltaWidth = Math.max(DELTA_WIDTH_MIN, ...rows.map((row) => deltaText(row).length));
  const free = width - frameWidth - deltaWidth - 2 * STATE_WIDTH - 4;
  const hasRemarks = free * (1 - ARROW_SHARE) > REMARKS_MIN;
  const arrowWidth = hasRemarks
    ? Math.min(ARROW_MAX, Math.round(free * ARROW_SHARE))
    : Math.max(ARROW_MIN, free);
  return {
    frameWidth,
    deltaWidth,
    arrowWidth,
    remarksWidth: hasRemarks ? free - arrowWidth - 1 : 0,
    strokes: isAscii ? ASCII : BOX,
  };
}

/** The frame's number, with its file where several were read. */
function frameText(row: LadderRow): string {
  return printable(String(row.frame));
}

/** Time since the row before; where the capture's clock went back, no span is claimed. */
function deltaText(row: LadderRow): string {
  return row.deltaMs < 0 ? "earlier" : formatDuration(row.deltaMs);
}

function headingLine(layout: Layout): string {
  const between = pad("client", layout.arrowWidth - "server".length);
  return joined(
    layout,
    "frame",
    "delta",
    "",
    `${between}server`,
    "",
    layout.remarksWidth > 0 ? "remarks" : "",
  );
}

/** Puts the parts of a line in their columns. */
function joined(
  layout: Layout,
  frame: string,
  delta: string,
  clientState: string,
  middle: string,
  serverState: string,
  remark: string,
): string {
  const left = `${frame.padStart(layout.frameWidth)} ${delta.padStart(layout.deltaWidth)} ${clientState.padStart(STATE_WIDTH)}`;
  const right = remark === "" ? serverState : `${pad(serverState, STATE_WIDTH)} ${remark}`;
  return `${left} ${middle} ${right}`.trimEnd();
}

function rowLines(row: LadderRow, layout: Layout): string[] {
  const { text, displaced } = arrowText(row, layout);
  const remarks = remarksOf(row, displaced);
  const beside = layout.remarksWidth > 0 ? wrap(remarks, layout.remarksWidth) : [];
  const lines = [
    joined(
      layout,
      frameText(row),
      deltaText(row),
      row.clientState ?? "",
      arrowOf(row, text, layout),
      row.serverState ?? "",
      beside[0] ?? "",
    ),
  ];
  for (const remark of beside.slice(1))
    lines.push(joined(layout, "", "", "", bareLifelines("", layout), "", remark));
  if (layout.remarksWidth === 0 && remarks !== "") {
    for (const remark of wrap(remarks, layout.arrowWidth - 4)) {
      lines.push(joined(layout, "", "", "", bareLifelines(remark, layout), "", ""));
    }
  }
  return lines;
}

function remarksOf(row: LadderRow, displaced: readonly string[]): string {
  // Ordinary data needs no word; everything else has its label first.
  const words = labelWords(row);
  const label = words === "" ? [] : [words];
  return [...label, ...displaced, ...row.remarks.map(printable)].join(", ");
}

function bareLifelines(text: string, layout: Layout): string {
  const { bare } = layout.strokes;
  return `${bare} ${pad(text, layout.arrowWidth - 4)} ${bare}`;
}

/** The arrow itself; what was sent before is drawn dashed. */
function arrowOf(row: LadderRow, text: string, layout: Layout): string {
  const { strokes } = layout;
  const isFromClient = row.from === "client";
  const [first, last] = isFromClient ? strokes.fromClient : strokes.fromServer;
  const shaft = row.label === "retransmission" ? strokes.dash : strokes.line;
  const rest = shaft.repeat(Math.max(0, layout.arrowWidth - ARROW_ENDS - text.length));
  return isFromClient ? `${first}${shaft} ${text} ${rest}${last}` : `${first}${rest} ${text} ${shaft}${last}`;
}

/**
 * What stands on the arrow: flags, range, length, acknowledgment, SACK blocks and window as far as there is room; and
 * what of it found none and has to stand among the remarks. A window without room is left out.
 */
function arrowText(
  row: LadderRow,
  layout: Layout,
): { readonly text: string; readonly displaced: readonly string[] } {
  const room = layout.arrowWidth - ARROW_ENDS - 1;
  const isPureAck = row.flags === "ACK" && row.payloadBytes === 0 && row.end === row.sequence;
  let text = row.flags;
  const parts: string[] = [];
  if (row.payloadBytes > 0) {
    parts.push(`${row.sequence}:${row.sequence + row.payloadBytes} (${formatCount(row.payloadBytes)})`);
  } else if (row.end !== row.sequence || row.flags.includes("RST")) parts.push(`seq ${row.sequence}`);
  if (row.acknowledgment !== null)
    parts.push(isPureAck ? `${row.acknowledgment}` : `ack ${row.acknowledgment}`);
  parts.push(...row.sack.map(([left, right]) => `SACK ${left}:${right}`));
  const displaced: string[] = [];
  for (const part of parts) {
    if (text.length + 1 + part.length <= room && displaced.length === 0) text = `${text} ${part}`;
    else displaced.push(part);
  }
  const window = `win ${row.window}`;
  if (displaced.length === 0 && text.length + 1 + window.length <= room) text = `${text} ${window}`;
  return { text, displaced };
}
