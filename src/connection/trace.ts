/**
 * The segments of one connection, one row each: what a ladder diagram draws.
 *
 * The connection's packets are read again and followed by a tracker of its own, the same that made the record; rows
 * are made beside it. Only here an object is made for a segment, and no more than `MOST_ROWS`.
 */
import {
  CAUSES,
  isCopy,
  LABEL_AFTER_GAP,
  LABEL_CAPTURE_DUPLICATE,
  LABEL_NETWORK_DUPLICATE,
  LABEL_NONE,
  LABEL_OUT_OF_WINDOW,
  LABEL_RETRANSMISSION,
  LABELS,
} from "../report/labels.js";
import type { ChecksumVerdict, LadderRow } from "../report/view.js";
import { advance, distance, wraps } from "../tcp/sequence.js";
import { STATE_NAMES, type StateName } from "../tcp/states.js";
import { ACK, RST, Segment, SYN } from "../wire/segment.js";
import { addressText } from "./addresses.js";
import { checksumVerdict } from "./checksums.js";
import { connectionOf, MARK_ISN_KNOWN, MARK_SEEN, STRIDE } from "./columns.js";
import { HANDSHAKE_DONE } from "./connections.js";
import { evidenceWords } from "./evidence-words.js";
import { flagNames } from "./flag-names.js";
import { FourTuples } from "./four-tuples.js";
import { unreachableReason } from "./icmp-reasons.js";
import { frameOf, nameOf, packetName } from "./packet-names.js";
import { RowFindings } from "./row-findings.js";
import { TlsRemarks } from "./tls-remarks.js";
import { Tracker } from "./tracker.js";

export const MOST_ROWS = 20_000;
const OTHER_ATTEMPT = "another attempt to connect on the same ports";

/** Where a connection's packets are, and which of the lives of its tuple is meant. */
export interface TraceTarget {
  readonly key: Segment;
  readonly frame: number;
  readonly file: number;
  /** Names of the input files: where there are several, a row's frame carries its own. */
  readonly fileNames: readonly string[];
}

/** What stood before a segment was observed. */
interface Before {
  readonly sndNxt: number;
  readonly duplicateAcks: number;
  readonly isDone: boolean;
  readonly holes: number;
  readonly known: boolean;
  /** Copies of the peer's packets that the capture is thought to have made, and that it may have made. */
  readonly peerCopies: number;
  readonly peerCandidates: number;
  readonly candidates: number;
}

export class Trace {
  readonly rows: LadderRow[] = [];
  omitted = 0;

  readonly #target: TraceTarget;
  readonly #tuple = new FourTuples(1);
  readonly #tracker: Tracker;
  readonly #findings: RowFindings;
  readonly #tls: TlsRemarks;
  #connection = -1;
  /** The other connection on the tuple that was seen last. */
  #other = -1;
  #isOver = false;
  #startNs = 0;
  #lastNs = 0;
  #waiting: Segment | null = null;
  /** Of the segment that is observed, whose packet still stands in its buffer, and of the one that waits. */
  #verdict: ChecksumVerdict = null;
  #waitingVerdict: ChecksumVerdict = null;
  /** Relative numbers count from here: ISN, or one below the first byte known. NaN until then. */
  readonly #base: [number, number] = [Number.NaN, Number.NaN];
  #duplicates: [number, number] = [0, 0];
  /** Time to live of each side's first packet. */
  readonly #ttl: [number, number] = [0, 0];
  /** Rows of copies that the capture may have made, and how many it certainly made, of each side. */
  readonly #candidateRows: readonly [number[], number[]] = [[], []];
  readonly #certainCopies: [number, number] = [0, 0];

  constructor(target: TraceTarget, mslNs: number) {
    this.#target = target;
    this.#tuple.add(0, target.key, 0, false);
    this.#tracker = new Tracker(
      {
        count() {},
        repeat() {},
        handshake() {},
        wants: () => true,
        finish: (connection) => {
          if (connection === this.#connection) this.#isOver = true;
        },
      },
      { mslNs },
    );
    this.#findings = new RowFindings(this.rows, target.fileNames);
    this.#tracker.connections.revisions = this.#findings;
    this.#tls = new TlsRemarks(this.#tracker.connections.tls);
  }

  /** Whether nothing more can come. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** A segment of any connection: only the target's leave a row. */
  observe(segment: Segment): void {
    if (this.#isOver || this.#tuple.find(segment, 0) < 0) return;
    this.#verdict = checksumVerdict(segment);
    const tracker = this.#tracker;
    const before = this.#snapshot(segment);
    this.#findings.begin(segment);
    tracker.observe(segment);
    if (this.#isOver) return;
    if (tracker.row < 0) {
      if (this.#connection < 0) this.#wait(segment);
      else this.#push(this.#rowOf(segment, this.#sideOf(segment), LABEL_NONE, [OTHER_ATTEMPT]));
      return;
    }
    const connection = connectionOf(tracker.row);
    const { columns } = tracker.connections;
    if (columns.frame[connection] !== this.#target.frame || columns.file[connection] !== this.#target.file) {
      this.#followOther(segment, connection);
      return;
    }
    if (this.#connection < 0) this.#begin(connection, segment);
    if (connection !== this.#connection) return;
    const side = tracker.row & STRIDE ? 1 : 0;
    this.#learnBases(segment, side);
    this.#followCopies(segment, tracker.row, side, before);
    this.#push(this.#rowOf(segment, side, tracker.label, this.#remarks(segment, side, before)));
  }

  /** An ICMP error that quotes a segment of the target. */
  observeError(quoted: Segment): void {
    if (this.#connection < 0 || this.#isOver || this.#tuple.find(quoted, 0) < 0) return;
    this.#tracker.observeError(quoted);
    const { icmpSource0, icmpSource1, icmpSource2, icmpSource3 } = quoted;
    const sender = addressText(quoted.ipVersion, icmpSource0, icmpSource1, icmpSource2, icmpSource3);
    const remark = `${unreachableReason(quoted.ipVersion, quoted.icmpCode)}, says ${sender}`;
    const side = this.#sideOf(quoted) === 0 ? 1 : 0;
    this.#push({
      ...this.#rowOf(quoted, side, LABEL_NONE, [remark]),
      flags: "ICMP",
      acknowledgment: null,
      payloadBytes: 0,
      end: this.#relative(quoted.sequence, side),
      window: 0,
      checksum: null,
    });
  }

  /** What the whole capture says of the copies that this connection alone does not decide: the record's counts. */
  settleCopies(captureCopies: readonly [client: number, server: number]): void {
    const label = LABELS[LABEL_CAPTURE_DUPLICATE]!.name;
    for (const side of [0, 1] as const) {
      if (captureCopies[side] <= this.#certainCopies[side]) continue;
      for (const at of this.#candidateRows[side]) this.rows[at] = { ...this.rows[at]!, label };
    }
  }

  /** A segment of another connection on the tuple, which may begin with what seemed to be a copy (split-tuples.ts). */
  #followOther(segment: Segment, connection: number): void {
    if (this.#connection < 0 && this.#isFirst(segment)) this.#wait(segment);
    if (this.#connection < 0 || connection === this.#other) return;
    this.#other = connection;
    const first = frameOf(this.#target.fileNames, nameOf(this.#tracker.connections.columns, connection));
    const at = this.rows.findLastIndex(({ frame }) => frame === first);
    if (at < 0) return;
    const [row] = this.rows.splice(at, 1);
    const [candidates] = this.#candidateRows;
    if (candidates.at(-1) === at) candidates.pop();
    if (row!.label === LABELS[LABEL_CAPTURE_DUPLICATE]!.name) this.#certainCopies[0]--;
  }

  #wait(segment: Segment): void {
    this.#waiting = Object.assign(new Segment(), segment);
    this.#waitingVerdict = this.#verdict;
  }

  #isFirst({ number, file }: Segment): boolean {
    return number === this.#target.frame && file === this.#target.file;
  }

  /** Keeps account of who made the copies, before the segment has its row. */
  #followCopies(segment: Segment, row: number, side: 0 | 1, before: Before): void {
    const other = (1 - side) as 0 | 1;
    if (this.#tracker.label === LABEL_CAPTURE_DUPLICATE) this.#certainCopies[side]++;
    const isReported = this.#reportedBy(segment, other);
    if (this.#captureCopies(row ^ STRIDE) < before.peerCopies) this.#renameCopy(other, isReported);
    if (this.#copyCandidates(row ^ STRIDE) < before.peerCandidates) {
      const candidates = this.#candidateRows[other];
      const at = candidates.findLastIndex((place) => isReported(this.rows[place]!));
      candidates.splice(at, 1);
    }
    if (this.#copyCandidates(row) > before.candidates && this.rows.length < MOST_ROWS)
      this.#candidateRows[side].push(this.rows.length);
  }

  /** Whether a row of that side lies in what the segment says was received twice (RFC 2883 §4). */
  #reportedBy(segment: Segment, side: 0 | 1): (row: LadderRow) => boolean {
    const [left, right] = [segment.sackEdges[0]!, segment.sackEdges[1]!].map((edge) =>
      this.#relative(edge, side),
    ) as [number, number];
    return ({ sequence: first, end }) => first >= left && end <= right;
  }

  /** The last such copy of that side was made by the network after all: its receiver has just said so. */
  #renameCopy(side: 0 | 1, isReported: (row: LadderRow) => boolean): void {
    this.#certainCopies[side]--;
    const [from, wrong, right] = [
      side === 0 ? "client" : "server",
      LABELS[LABEL_CAPTURE_DUPLICATE]!.name,
      LABELS[LABEL_NETWORK_DUPLICATE]!.name,
    ];
    const at = this.rows.findLastIndex((row) => row.from === from && row.label === wrong && isReported(row));
    if (at >= 0) this.rows[at] = { ...this.rows[at]!, label: right };
  }

  /** Side of the sender: 0 client, 1 server. */
  #sideOf(segment: Segment): number {
    this.#tuple.find(segment, 0);
    return this.#tuple.side;
  }

  #begin(connection: number, segment: Segment): void {
    this.#connection = connection;
    const first = this.#waiting && this.#isFirst(this.#waiting) ? this.#waiting : segment;
    this.#startNs = first.timeNs;
    this.#lastNs = first.timeNs;
    if (first === segment) return;
    // The SYN waited until it was answered: its row comes first.
    const side = this.#sideOf(first);
    this.#learnBases(first, side);
    this.rows.push({
      ...this.#rowOf(first, side, LABEL_NONE + 1, []),
      checksum: this.#waitingVerdict,
      clientState: "SYN_SENT",
      serverState: "CLOSED",
    });
    this.#lastNs = first.timeNs;
  }

  /** What the row's remarks need to know from before the segment. */
  #snapshot(segment: Segment): Before {
    const tracker = this.#tracker;
    const row = tracker.connections.find(segment, 0);
    if (row < 0)
      return {
        sndNxt: segment.sequence,
        duplicateAcks: 0,
        isDone: false,
        holes: 0,
        known: false,
        peerCopies: 0,
        peerCandidates: 0,
        candidates: 0,
      };
    const { endpoints: e, rare } = tracker.connections;
    const marks = tracker.connections.columns.marks[connectionOf(row)]!;
    const isDone = (marks & HANDSHAKE_DONE) !== 0 || !Number.isNaN(e.establishedAt[row & ~STRIDE]!);
    return {
      sndNxt: e.sndNxt[row]!,
      duplicateAcks: rare.duplicateAcks[e.rareRow[row]!]!,
      isDone,
      holes: rare.holeCount[e.rareRow[row]!]!,
      known: (e.marks[row]! & MARK_SEEN) !== 0,
      peerCopies: this.#captureCopies(row ^ STRIDE),
      peerCandidates: this.#copyCandidates(row ^ STRIDE),
      candidates: this.#copyCandidates(row),
    };
  }

  #captureCopies(row: number): number {
    const { endpoints, rare } = this.#tracker.connections;
    return rare.captureCopies[endpoints.rareRow[row]!]!;
  }

  #copyCandidates(row: number): number {
    const { endpoints, rare } = this.#tracker.connections;
    return rare.copyCandidates[endpoints.rareRow[row]!]!;
  }

  #remarks(segment: Segment, side: number, before: Before): string[] {
    const { endpoints: e, rare } = this.#tracker.connections;
    const row = this.#connection + side * STRIDE;
    const at = e.rareRow[row]!;
    const client = this.#connection;
    const remarks = this.#tls.take();
    const evidence = evidenceWords(this.#tracker.connections, this.#tracker.cause);
    if (this.#tracker.label === LABEL_RETRANSMISSION && evidence !== "") remarks.push(evidence);
    if (this.#tracker.label === LABEL_AFTER_GAP) {
      remarks.push(`hole ${this.#relative(before.sndNxt, side)}:${this.#relative(segment.sequence, side)}`);
    } else if (before.known && rare.holeCount[at]! < before.holes) remarks.push("fills the hole");
    const established = e.establishedAt[client]!;
    if (!before.isDone && established === segment.timeNs && e.synAt[client]! <= established) {
      remarks.push(`handshake ${((established - e.synAt[client]!) / 1e6).toFixed(2)} ms`);
    }
    if (rare.duplicateAcks[at]! > before.duplicateAcks)
      remarks.push(`duplicate ACK ${++this.#duplicates[side as 0 | 1]}`);
    else if (segment.flags & ACK && this.#tracker.label !== LABEL_OUT_OF_WINDOW)
      this.#duplicates[side as 0 | 1] = 0;
    if (segment.window === 0 && !(segment.flags & RST) && segment.flags & ACK) remarks.push("window closed");
    if (wraps(segment.sequence, advance(segment.sequence, segment.length)))
      remarks.push("sequence numbers wrap");
    if (segment.ecn === 3) remarks.push("congestion experienced");
    const ttl = (this.#ttl[side as 0 | 1] ||= segment.ttl);
    if (segment.ttl !== ttl) remarks.push(`TTL ${segment.ttl}, not ${ttl} as before`);
    if (isCopy(this.#tracker.label) && segment.ipId !== 0) remarks.push(`IP ID ${segment.ipId} again`);
    return remarks;
  }

  #learnBases(segment: Segment, side: number): void {
    const { endpoints: e } = this.#tracker.connections;
    const other = 1 - side;
    for (const s of [0, 1]) {
      const row = this.#connection + s * STRIDE;
      if (e.marks[row]! & (MARK_ISN_KNOWN | MARK_SEEN) && Number.isNaN(this.#base[s as 0 | 1]))
        this.#base[s as 0 | 1] = e.isn[row]!;
    }
    if (Number.isNaN(this.#base[other as 0 | 1]) && segment.flags & ACK)
      this.#base[other as 0 | 1] = (segment.acknowledgment - 1) | 0;
  }

  #relative(number: number, side: number): number {
    const base = this.#base[side as 0 | 1];
    return Number.isNaN(base) ? 0 : distance(number, base);
  }

  #rowOf(segment: Segment, side: number, label: number, remarks: readonly string[]): LadderRow {
    const { endpoints: e } = this.#tracker.connections;
    const row = this.#connection + side * STRIDE;
    const sequence = this.#relative(segment.sequence, side);
    const scale = segment.flags & SYN || e.windowScale[row]! < 0 ? 0 : e.windowScale[row]!;
    const sack: [number, number][] = [];
    for (let block = 0; block < segment.sackBlocks; block++) {
      sack.push([
        this.#relative(segment.sackEdges[block * 2]!, 1 - side),
        this.#relative(segment.sackEdges[block * 2 + 1]!, 1 - side),
      ]);
    }
    const isRepeat = label === LABEL_RETRANSMISSION;
    const [clientState, serverState] = this.#newStates();
    const atMs = (segment.timeNs - this.#startNs) / 1e6;
    const deltaMs = (segment.timeNs - this.#lastNs) / 1e6;
    this.#lastNs = segment.timeNs;
    return {
      frame: frameOf(this.#target.fileNames, packetName(segment.file, segment.number))!,
      atMs,
      deltaMs,
      from: side === 0 ? "client" : "server",
      flags: flagNames(segment.flags),
      sequence,
      end: sequence + segment.length,
      acknowledgment: segment.flags & ACK ? this.#relative(segment.acknowledgment, 1 - side) : null,
      payloadBytes: segment.payloadLength,
      window: (segment.window << scale) >>> 0,
      sack,
      label: LABELS[label]!.name,
      cause: isRepeat ? CAUSES[this.#tracker.cause]!.name : "",
      isSpurious: isRepeat && this.#findings.isSpurious,
      isInferred: isRepeat && this.#tracker.connections.isInferred,
      checksum: this.#verdict,
      remarks: segment.isHeaderCut ? [...remarks, "header cut by the capture"] : remarks,
      clientState,
      serverState,
    };
  }

  #shown: [number, number] = [-1, -1];

  /** Names of both sides' states where they changed since the row before. */
  #newStates(): [StateName | null, StateName | null] {
    if (this.#connection < 0) return [null, null];
    const { state } = this.#tracker.connections.endpoints;
    const now: [number, number] = [state[this.#connection]!, state[this.#connection + STRIDE]!];
    const names = now.map((value, side) => (value === this.#shown[side] ? null : STATE_NAMES[value]!));
    this.#shown = now;
    return names as [StateName | null, StateName | null];
  }

  #push(row: LadderRow): void {
    if (this.rows.length < MOST_ROWS) this.rows.push(row);
    else this.omitted++;
  }
}
