/**
 * Remarks that need the rows before: which packet a repeat repeats, what had been acknowledged by then, what a DSACK says
 * (RFC 2883 §4), windows that changed materially; and which packets show what was found. Pure: rows in, rows out; times of the whole capture are not asked.
 */
import { after, before } from "../tcp/sequence.js";
import { isDamage } from "./damage.js";
import type { ConnectionFinding } from "./finding.js";
import type { Frame } from "./frame.js";
import type { CauseName } from "./labels.js";
import { formatCount, formatDuration, formatNumberOf } from "./quantities.js";
import { SIDES, type Side } from "./record.js";
import type { LadderRow } from "./view.js";

/** So few wrong checksums are each told, even where they are many for so short a connection. */
const FEW_WRONG = 2;

/** A window is worth a word when it is half of the one last told, or twice. */
const MATERIAL = 2;

/** Causes of a repeat for which the very packet is taken to have been lost. */
const TOLD_BY_LOSS: ReadonlySet<CauseName> = new Set(["fast", "rto", "tail-loss-probe"]);

interface Sent {
  readonly frame: Frame;
  readonly isDamaged: boolean;
  lastMs: number;
  repeats: number;
}

interface Followed {
  /** By relative sequence number: what began there. */
  readonly sent: Map<number, Sent>;
  /** Of what takes no room there (pure acknowledgments): the newest of each kind that is no copy itself. */
  readonly bare: Map<string, Frame>;
  /** Highest acknowledgment of this side, and where it stood first. */
  acknowledged: number;
  acknowledgedIn: Frame;
  window: number | null;
}

const follow = (): Followed => ({
  sent: new Map(),
  bare: new Map(),
  acknowledged: -1,
  acknowledgedIn: 0,
  window: null,
});

/** The rows with what the rows before them tell of each. */
export function withRemarks(
  rows: readonly LadderRow[],
  findings: readonly ConnectionFinding[] = [],
): LadderRow[] {
  const evidence = evidenceRemarks(findings);
  const checksums = checksumRemarks(rows);
  const damaged = damagedRows(rows);
  const sides: Record<Side, Followed> = { client: follow(), server: follow() };
  return rows.map((row) => {
    const found = evidence.get(row.frame) ?? [];
    if (row.flags === "ICMP")
      return found.length === 0 ? row : { ...row, remarks: [...row.remarks, ...found] };
    const [own, peer] = [sides[row.from], sides[row.from === "client" ? "server" : "client"]];
    const remarks = [
      ...displacedRemarks(row, own),
      ...repeatRemarks(row, own, peer, damaged.has(row)),
      ...duplicateSackRemarks(row),
      ...windowRemarks(row, own),
      ...(checksums.get(row) ?? []),
      ...found,
    ];
    if (row.end === row.sequence && !isCopy(row)) own.bare.set(bareKey(row), row.frame);
    if (row.acknowledgment !== null && after(row.acknowledgment, own.acknowledged)) {
      own.acknowledged = row.acknowledgment;
      own.acknowledgedIn = row.frame;
    }
    return remarks.length === 0 ? row : { ...row, remarks: [...row.remarks, ...remarks] };
  });
}

/** Of the packets that show a finding: its name. */
function evidenceRemarks(findings: readonly ConnectionFinding[]): ReadonlyMap<Frame, readonly string[]> {
  const remarks = new Map<Frame, string[]>();
  for (const { finding, frames } of findings)
    for (const frame of frames) remarks.set(frame, [...(remarks.get(frame) ?? []), `shows ${finding.id}`]);
  return remarks;
}

/**
 * Of what bears a wrong checksum, and of each side's first row that its network card finishes. Where nearly all are wrong the
 * capture was rewritten: then one row says so for all.
 */
function checksumRemarks(rows: readonly LadderRow[]): ReadonlyMap<LadderRow, readonly string[]> {
  const remarks = new Map<LadderRow, readonly string[]>();
  const wrong = rows.filter(({ checksum }) => checksum === "wrong");
  for (const side of SIDES) {
    const own = rows.filter(({ from, flags }) => from === side && flags !== "ICMP");
    const left = own.filter(({ checksum }) => checksum === "uncomputed");
    const [first] = left;
    if (first === undefined) continue;
    const share = left.length === own.length ? "all" : formatCount(left.length);
    remarks.set(first, [
      `checksum offload: ${share} of the ${side}'s ${formatNumberOf(own.length, "segment")} bear the pseudo-header's sum alone, a network card adds the rest; nothing is damaged`,
    ]);
  }
  const areDamaged = damagedRows(rows).size > 0;
  const words = areDamaged ? "wrong checksum: damaged, and dropped by its receiver" : "wrong checksum";
  if (areDamaged || wrong.length <= FEW_WRONG) for (const row of wrong) remarks.set(row, [words]);
  else
    remarks.set(wrong[0]!, [
      `${words}, as in ${formatCount(wrong.length)} of the connection's segments: the capture was probably rewritten`,
    ]);
  return remarks;
}

/** Of a copy: whose; of what came late: what overtook it, or that its repeat came first. */
function displacedRemarks(row: LadderRow, own: Followed): string[] {
  const isBare = row.end === row.sequence;
  const known = isBare ? own.bare.get(bareKey(row)) : own.sent.get(row.sequence)?.frame;
  if (isCopy(row)) return known === undefined ? [] : [`copy of frame ${known}`];
  if (row.label !== "reordered" || isBare) return [];
  if (known !== undefined) return [`the original of frame ${known}`];
  const overtaker = [...own.sent].find(([sequence]) => !before(sequence, row.end));
  return overtaker === undefined ? [] : [`overtaken by frame ${overtaker[1].frame}`];
}

function isCopy({ label }: LadderRow): boolean {
  return label.endsWith("-duplicate");
}

function bareKey({ sequence, acknowledgment, flags }: LadderRow): string {
  return `${flags} ${sequence} ${acknowledgment}`;
}

/** Whether the repeat says that what it repeats was lost: after a timeout everything is sent again, lost or not. */
function isTakenForLost({ isSpurious, isInferred, cause }: LadderRow): boolean {
  return !isSpurious && !isInferred && TOLD_BY_LOSS.has(cause);
}

function repeatRemarks(row: LadderRow, own: Followed, peer: Followed, isDamaged: boolean): string[] {
  if (row.end === row.sequence || row.label === "keep-alive" || row.label === "zero-window-probe") return [];
  const known = own.sent.get(row.sequence);
  if (known === undefined)
    own.sent.set(row.sequence, { frame: row.frame, isDamaged, lastMs: row.atMs, repeats: 0 });
  if (row.label !== "retransmission") return [];
  const remarks: string[] = [];
  if (known !== undefined) {
    const nth = ++known.repeats > 1 ? `repeat ${known.repeats}` : "repeat";
    const fate = known.isDamaged ? "damaged" : "lost after this point";
    const lost = isAcknowledged(row, peer) || !isTakenForLost(row) ? "" : ` (${fate})`;
    remarks.push(`${nth} of frame ${known.frame}${lost} after ${formatDuration(row.atMs - known.lastMs)}`);
    known.lastMs = row.atMs;
  }
  if (known === undefined && isTakenForLost(row) && row.remarks.includes("fills the hole"))
    remarks.push("its first sending was lost before this point");
  if (isAcknowledged(row, peer)) remarks.push(`already acknowledged in frame ${peer.acknowledgedIn}`);
  return remarks;
}

function isAcknowledged(row: LadderRow, peer: Followed): boolean {
  return !before(peer.acknowledged, row.end);
}

/** The rows that bear a wrong checksum, where so few do that they were damaged on the way. */
export function damagedRows(rows: readonly LadderRow[]): ReadonlySet<LadderRow> {
  const counts = { right: 0, uncomputed: 0, wrong: 0 };
  for (const { checksum } of rows) if (checksum !== null) counts[checksum]++;
  return new Set(isDamage(counts) ? rows.filter(({ checksum }) => checksum === "wrong") : []);
}

/** The bytes that the row's first SACK block reports to have come twice, or null (RFC 2883 §4). */
export function duplicateSack(row: LadderRow): readonly [left: number, right: number] | null {
  const [first, second] = row.sack;
  if (first === undefined || row.acknowledgment === null) return null;
  const isBelow = !after(first[1], row.acknowledgment);
  const isInside = second !== undefined && !before(first[0], second[0]) && !after(first[1], second[1]);
  return isBelow || isInside ? first : null;
}

function duplicateSackRemarks(row: LadderRow): string[] {
  const twice = duplicateSack(row);
  return twice === null ? [] : [`DSACK: ${twice[0]}:${twice[1]} came twice`];
}

function windowRemarks(row: LadderRow, own: Followed): string[] {
  const { flags, window } = row;
  if (flags.includes("SYN") || flags.includes("RST") || row.acknowledgment === null) return [];
  const known = own.window;
  const isNews = known !== null && window > 0 && (window * MATERIAL <= known || window >= known * MATERIAL);
  if (known === null || window === 0 || isNews) own.window = window;
  if (!isNews) return [];
  return [known === 0 ? `window open again: ${window}` : `win ${window}`];
}
