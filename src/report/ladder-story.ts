/**
 * What the rows of a ladder say together, in plain sentences: which packet of the close was lost, how long a side
 * repeated into silence, that only large segments vanish, which repeats were needless, what a reset cut off.
 *
 * Facts that any connection may show, each with the frames it stands on. Pure: a ladder in, sentences out.
 */
import { after, before, distance, later } from "../tcp/sequence.js";
import { damagedRows, duplicateSack } from "./ladder-remarks.js";
import { formatBytes, formatCount, formatDuration, formatNumberOf } from "./quantities.js";
import { type ConnectionRecord, type ResetRecord, SIDES, type Side } from "./record.js";
import type { Ladder, LadderRow } from "./view.js";

/** One sending of some bytes, a SYN or a FIN. */
interface Sending {
  readonly row: LadderRow;
  /** The peer's first row that acknowledges it, selectively or not, before it was sent again. */
  deliveredBy: LadderRow | null;
  repeatedBy: LadderRow | null;
}

/** Repeats of the same bytes without a word of the peer in between, from which on they are told one by one. */
const LEAST_SILENT_REPEATS = 2;
/** So often the same bytes must vanish in their full size before it is the size that is blamed. */
const LEAST_VANISHED = 3;
/** An acknowledgment of a FIN that comes this much sooner after a repeat than the way there takes was of the first one. */
const TOO_SOON = 0.7;
const LEAST_WAY_MS = 3;
/** Frames that a sentence names. */
const MOST_FRAMES = 4;
const NO_SENDING: ReadonlySet<string> = new Set([
  "keep-alive",
  "zero-window-probe",
  "network-duplicate",
  "capture-duplicate",
  "out-of-window",
]);

/** Sentences about the ladder, the ones that explain most first; none where nothing is out of the ordinary. */
export function storyOf({ record, rows }: Ladder): string[] {
  const story = SIDES.flatMap((side) => {
    const sendings = sendingsOf(rows, side);
    return [
      ...vanishingSizes(rows, side, sendings),
      ...silentRepeats(record, rows, side, sendings),
      ...needlessRepeats(rows, side),
      ...repeatedFin(record, rows, side, sendings),
      ...keepAlives(rows, side),
      ...damagedSegments(rows, side),
    ];
  });
  return [...story, ...atReset(record, rows)];
}

function other(side: Side): Side {
  return side === "client" ? "server" : "client";
}

function sendingsOf(rows: readonly LadderRow[], side: Side): Sending[] {
  const all: Sending[] = [];
  let out: Sending[] = [];
  for (const row of rows) {
    if (row.flags === "ICMP" || row.flags.includes("RST")) continue;
    if (row.from !== side) {
      out = out.filter((sending) => {
        if (!covers(row, sending.row)) return true;
        sending.deliveredBy = row;
        return false;
      });
    } else if (row.end !== row.sequence && !NO_SENDING.has(row.label)) {
      out = out.filter((sending) => {
        if (!overlap(row, sending.row)) return true;
        sending.repeatedBy = row;
        return false;
      });
      const sending: Sending = { row, deliveredBy: null, repeatedBy: null };
      all.push(sending);
      out.push(sending);
    }
  }
  return all;
}

function covers(answer: LadderRow, sent: LadderRow): boolean {
  return (
    acknowledges(answer, sent.end) ||
    answer.sack.some(([left, right]) => !after(left, sent.sequence) && !before(right, sent.end))
  );
}

/** Whether the row's acknowledgment number covers everything before `end`. */
function acknowledges({ acknowledgment }: LadderRow, end: number): boolean {
  return acknowledgment !== null && !before(acknowledgment, end);
}

function overlap(one: LadderRow, other: LadderRow): boolean {
  return before(one.sequence, other.end) && after(one.end, other.sequence);
}

/** Only segments above some size vanish, again and again, while smaller ones arrive: a path MTU that nobody told. */
function vanishingSizes(rows: readonly LadderRow[], side: Side, sendings: readonly Sending[]): string[] {
  const data = sendings.filter(({ row }) => row.payloadBytes > 0);
  const lost = data.filter(({ deliveredBy, repeatedBy }) => deliveredBy === null && repeatedBy !== null);
  const least = Math.min(...lost.map(({ row }) => row.payloadBytes));
  const first = lost[0];
  if (first === undefined) return [];
  const arrived = data.filter(({ deliveredBy }) => deliveredBy !== null);
  if (arrived.some(({ row }) => row.payloadBytes >= least)) return [];
  // Of what was sent before the first loss nothing can be said: the path may have been another.
  const since = arrived.filter(({ row }) => row.atMs >= first.row.atMs);
  const times = new Map<number, number>();
  for (const { row } of lost) times.set(row.sequence, (times.get(row.sequence) ?? 0) + 1);
  const isStubborn = Math.max(...times.values()) >= LEAST_VANISHED;
  if (!isStubborn || since.length === 0) return [];
  const most = Math.max(...since.map(({ row }) => row.payloadBytes));
  const isTold = rows.some(
    ({ flags, remarks }) => flags === "ICMP" && /fragmentation needed|too big/.test(remarks.join(" ")),
  );
  const icmp = isTold
    ? 'an ICMP "fragmentation needed" was captured'
    : 'no ICMP "fragmentation needed" was captured (path MTU black hole)';
  return [
    `all ${formatCount(lost.length)} large segments of the ${side} (${formatCount(least)} bytes of payload and more) vanished, all ${formatCount(since.length)} small ones (up to ${formatCount(most)} bytes) arrived: the path's MTU is smaller than the sender takes it for; ${icmp}`,
  ];
}

/** The same bytes sent again and again while nothing came back. */
function silentRepeats(
  record: ConnectionRecord,
  rows: readonly LadderRow[],
  side: Side,
  sendings: readonly Sending[],
): string[] {
  const peerTimes = rows
    .filter(({ from, flags }) => from !== side && flags !== "ICMP")
    .map(({ atMs }) => atMs);
  const heardBetween = (from: number, to: number) => peerTimes.some((ms) => ms > from && ms < to);
  const story: string[] = [];
  let run: Sending[] = [];
  const tell = () => {
    if (run.length > LEAST_SILENT_REPEATS) story.push(silentRun(record, rows, side, run));
  };
  for (const sending of sendings) {
    const last = run.at(-1);
    const isSame =
      last?.row.sequence === sending.row.sequence && !heardBetween(last.row.atMs, sending.row.atMs);
    if (isSame) run.push(sending);
    else if (
      last === undefined ||
      !before(sending.row.sequence, last.row.end) ||
      run.length <= LEAST_SILENT_REPEATS
    ) {
      tell();
      run = [sending];
    }
  }
  tell();
  return story;
}

function silentRun(
  record: ConnectionRecord,
  rows: readonly LadderRow[],
  side: Side,
  run: readonly Sending[],
): string {
  const { row } = run[0]!;
  const what =
    row.payloadBytes > 0
      ? `${row.sequence}:${row.sequence + row.payloadBytes}`
      : row.flags.includes("SYN")
        ? row.flags.replace(" ", "-")
        : "FIN";
  const times = run.map((sending) => (sending.row.atMs - row.atMs) / 1000);
  const pauses = times.slice(1).map((time, index) => time - times[index]!);
  const growing = pauses.slice(1).filter((pause, index) => pause > pauses[index]! * 1.6).length;
  const backoff = growing >= (pauses.length - 1) / 2 && growing > 0 ? ", the pauses doubling (backoff)" : "";
  const last = run.at(-1)!.row;
  const answer = rows.find(({ from, atMs, flags }) => from !== side && flags !== "ICMP" && atMs >= last.atMs);
  const hasEnded = rows.some(({ atMs, flags }) => atMs > last.atMs && /FIN|RST/.test(flags));
  const lasted = formatDuration(last.atMs - row.atMs);
  const silence = hasEnded || record.close === "never-established" ? "" : ", and no FIN or RST ended it";
  const end =
    answer === undefined
      ? `never answered: unanswered for ${lasted} up to the last${silence}`
      : `answered ${formatDuration(answer.atMs - row.atMs)} after the first`;
  const list = times.map((time) => Number(time.toFixed(time < 10 ? 2 : 1))).join(", ");
  return `the ${side} sent ${what} (frame ${row.frame}) ${formatCount(run.length)} times, at ${list} s${backoff}; ${end}`;
}

/** Data sent again though it had arrived. */
function needlessRepeats(rows: readonly LadderRow[], side: Side): string[] {
  const story: string[] = [];
  const isRepeat = (row: LadderRow) =>
    row.from === side && row.label === "retransmission" && row.payloadBytes > 0;
  const repeats = rows.filter(isRepeat);
  if (repeats.length === 0) return story;
  let acknowledged = 0;
  const late = rows.filter((row) => {
    if (row.from !== side && row.acknowledgment !== null)
      acknowledged = later(acknowledged, row.acknowledgment);
    return isRepeat(row) && !before(acknowledged, row.end);
  });
  const told = rows.filter((row) => {
    const twice = row.from === side ? null : duplicateSack(row);
    return (
      twice !== null && repeats.some((one) => before(one.sequence, twice[1]) && after(one.end, twice[0]))
    );
  });
  if (late.length > 0)
    story.push(
      `needless: ${formatCount(late.length)} of the ${side}'s ${formatNumberOf(repeats.length, "repeat")} (${framesOf(late)}) came after the bytes had been acknowledged here: the original was not lost, it or its ACK was late`,
    );
  if (told.length > 0)
    story.push(
      `the ${other(side)} says by DSACK (${framesOf(told)}) that repeated bytes came twice: needless retransmission, nothing of them was lost`,
    );
  return story;
}

/** Whether the FIN or its acknowledgment was lost, as far as the capture tells. */
function repeatedFin(
  record: ConnectionRecord,
  rows: readonly LadderRow[],
  side: Side,
  sendings: readonly Sending[],
): string[] {
  const fins = sendings.filter(({ row }) => row.flags.includes("FIN"));
  const [first, repeat] = fins;
  if (first === undefined || repeat === undefined) return [];
  const peer = other(side);
  const answers = rows.filter((row) => row.from === peer && acknowledges(row, first.row.end));
  const earlier = answers.find(({ atMs }) => atMs < repeat.row.atMs);
  const next = answers.find(({ atMs }) => atMs >= repeat.row.atMs);
  const waited = `${formatDuration(fins.at(-1)!.row.atMs - first.row.atMs)} later`;
  const isSecond = rows.some(
    ({ from, atMs, flags }) => from === peer && flags.includes("FIN") && atMs < first.row.atMs,
  );
  const again = fins.length > 2 ? `, ${formatCount(fins.length - 1)} times, the last` : "";
  const isAllArrived = rows.some(
    (row) => row.from === peer && row.atMs < repeat.row.atMs && acknowledges(row, first.row.end - 1),
  );
  const cost = isAllArrived ? "; only the close was late: all data had arrived" : "";
  const legMs = (side === "client" ? record.clientLegMs : record.serverLegMs) ?? 0;
  if (earlier !== undefined && repeat.row.atMs - earlier.atMs < legMs)
    return [
      `the ${side}'s FIN was repeated in frame ${repeat.row.frame} while the ${peer}'s ACK of it (frame ${earlier.frame}) was under way`,
    ];
  if (earlier !== undefined) {
    const state = next === undefined ? null : stateAt(rows, peer, next);
    const answered =
      next === undefined
        ? ""
        : `; frame ${next.frame} answers again${state === null ? "" : ` (${peer} in ${state})`}`;
    return [
      `the ${peer}'s ${isSecond ? "last ACK" : "ACK of the FIN"} (frame ${earlier.frame}) did not reach the ${side}, which repeated its FIN (frame ${first.row.frame}) in frame ${repeat.row.frame}${again} ${waited}, needlessly${answered}${cost}`,
    ];
  }
  const wayMs = (side === "client" ? record.serverLegMs : record.clientLegMs) ?? 0;
  const isLate = next !== undefined && next.atMs - fins.at(-1)!.row.atMs < TOO_SOON * wayMs;
  if (isLate && wayMs >= LEAST_WAY_MS)
    return [
      `the ${side}'s FIN (frame ${first.row.frame}) was repeated in frame ${repeat.row.frame}${again} ${waited}, needlessly: the ${peer}'s ACK of it (frame ${next.frame}) was under way`,
    ];
  const twice = answers.find((row) => {
    const block = duplicateSack(row);
    return block !== null && !before(block[1], first.row.end);
  });
  const cause =
    twice === undefined
      ? `the FIN was lost after it passed here (or the ${peer}'s ACK before it got here)`
      : `the FIN had arrived (DSACK in frame ${twice.frame}), the ${peer}'s ACK of it was lost`;
  return [
    `the ${side}'s FIN (frame ${first.row.frame}) was not acknowledged and was repeated in frame ${repeat.row.frame}${again} ${waited}: ${cause}${cost}`,
  ];
}

/** The state of a side at a row, or null where none is known. */
function stateAt(rows: readonly LadderRow[], side: Side, at: LadderRow): string | null {
  let state: string | null = null;
  for (const row of rows) {
    state = (side === "client" ? row.clientState : row.serverState) ?? state;
    if (row === at) break;
  }
  return state;
}

function keepAlives(rows: readonly LadderRow[], side: Side): string[] {
  const probes = rows.filter(({ from, label }) => from === side && label === "keep-alive");
  if (probes.length < 2) return [];
  const answers = rows.filter(({ from, label }) => from !== side && label === "keep-alive-ack").length;
  const pause = (probes.at(-1)!.atMs - probes[0]!.atMs) / (probes.length - 1);
  const frames = probes.slice(0, 5).map(({ frame }) => frame);
  const answered =
    answers >= probes.length
      ? `each answered by the ${other(side)}`
      : answers === 0
        ? "none answered"
        : `${answers} answered`;
  return [
    `${formatCount(probes.length)} keep-alive probes of the ${side} (frames ${frames.join(", ")}${probes.length > 5 ? " …" : ""}), about ${formatDuration(pause)} apart, ${answered}`,
  ];
}

/** Segments that bear a wrong checksum, where so few do that they were damaged on the way (RFC 9293 §3.1). */
function damagedSegments(rows: readonly LadderRow[], side: Side): string[] {
  const damaged = [...damagedRows(rows)].filter(({ from }) => from === side);
  if (damaged.length === 0) return [];
  const isOne = damaged.length === 1;
  return [
    `${formatNumberOf(damaged.length, "segment")} of the ${side} (${framesOf(damaged)}) ${isOne ? "bears a wrong checksum: it was" : "bear wrong checksums: they were"} damaged on the way, and the ${other(side)} drops ${isOne ? "it" : "them"} without a word: for TCP ${isOne ? "it is" : "they are"} lost, and ${isOne ? "is" : "are"} sent again`,
  ];
}

/** "frame 4", "frames 4, 5, 6, 7 …". */
function framesOf(rows: readonly LadderRow[]): string {
  const names = rows.slice(0, MOST_FRAMES).map(({ frame }) => frame);
  return `frame${rows.length === 1 ? "" : "s"} ${names.join(", ")}${rows.length > MOST_FRAMES ? " …" : ""}`;
}

/** What had been delivered when the reset came, and what the application at the other end sees. */
function atReset(record: ConnectionRecord, rows: readonly LadderRow[]): string[] {
  const { reset } = record;
  if (
    record.close !== "reset" ||
    reset === null ||
    record.outcome === "refused" ||
    record.outcome === "aborted"
  )
    return [];
  const rowsBefore = rows.filter(
    ({ atMs, flags }) => atMs <= reset.atMs && !flags.includes("RST") && flags !== "ICMP",
  );
  const payload = (side: Side) =>
    rowsBefore.reduce((sum, { from, payloadBytes }) => sum + (from === side ? payloadBytes : 0), 0);
  const missing = SIDES.flatMap((side) => {
    let [sent, acknowledged] = [0, 0];
    for (const { from, end, acknowledgment } of rowsBefore) {
      if (from === side) sent = later(sent, end);
      else if (acknowledgment !== null) acknowledged = later(acknowledged, acknowledgment);
    }
    const left = distance(sent, acknowledged);
    return left > 0 ? [`${formatCount(left)} bytes of the ${side} were not acknowledged yet`] : [];
  });
  const delivered =
    missing.length > 0
      ? missing.join(", ")
      : "everything sent had been acknowledged (no data lost on the way)";
  const hasFin = rowsBefore.some(({ flags }) => flags.includes("FIN"));
  const sent = `the client had sent ${formatBytes(payload("client"))}, the server ${formatBytes(payload("server"))}`;
  const fin = hasFin ? "a FIN came before it" : "no FIN was sent";
  return [`at the reset ${sent}: ${delivered}; ${fin}; ${seenBy(reset)}`];
}

/** What the sockets' applications are told (errno names of POSIX). */
function seenBy({ kind, by, suspicion }: ResetRecord): string {
  if (suspicion === "middlebox") return "the application at each end that got one sees ECONNRESET";
  if (kind === "keep-alive-expired") return `the ${by}'s application sees ETIMEDOUT`;
  return `the ${other(by)}'s application sees ECONNRESET`;
}
