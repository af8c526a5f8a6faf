/**
 * Rows of segments in the order of their packets, held back for two seconds of capture time: some of what is said of a
 * segment comes to light later (a needless retransmission by the acknowledgment that follows it). What comes later
 * still is counted. Objects are made here for each segment, so only where somebody asked for rows.
 */
import { CAUSES, LABEL_RETRANSMISSION, LABELS } from "../report/labels.js";
import type { SegmentRow } from "../report/segment-row.js";
import { ACK, FIN, type Segment, SYN } from "../wire/segment.js";
import { connectionOf, STRIDE } from "./columns.js";
import { evidenceWords } from "./evidence-words.js";
import { HELD } from "./held-syns.js";
import { PacketFindings } from "./packet-findings.js";
import { idOf, idOfName, nameOf, packetName } from "./packet-names.js";
import type { Tracker } from "./tracker.js";

const HELD_NS = 2e9;
const MOST_HELD = 1_000_000;

type Draft = { -readonly [name in keyof SegmentRow]: SegmentRow[name] };

export class SegmentRows extends PacketFindings {
  /** Revisions of rows that were handed on already. */
  lateAmendments = 0;
  readonly #tracker: Tracker;
  readonly #fileNames: readonly string[];
  readonly #emit: (row: SegmentRow) => void;
  /** Rows by the name of their packet. */
  readonly #held = new Map<number, Draft>();
  /** Those names in the order in which they came, from `#first` on: a map is slow to tell its oldest. */
  readonly #names: number[] = [];
  #first = 0;

  constructor(tracker: Tracker, fileNames: readonly string[], emit: (row: SegmentRow) => void) {
    super();
    this.#tracker = tracker;
    this.#fileNames = fileNames;
    this.#emit = emit;
    tracker.connections.revisions = this;
  }

  /** The tracker has observed it. */
  observe(segment: Segment): void {
    const name = packetName(segment.file, segment.number);
    this.#held.set(name, this.#rowOf(segment));
    this.#names.push(name);
    while (this.#isFirstDue(segment.timeNs)) this.#emitFirst();
    if (this.#first < this.#names.length / 2) return;
    this.#names.splice(0, this.#first);
    this.#first = 0;
  }

  end(): void {
    while (this.#first < this.#names.length) this.#emitFirst();
  }

  #isFirstDue(nowNs: number): boolean {
    if (this.#first === this.#names.length) return false;
    const { timeNs } = this.#held.get(this.#names[this.#first]!)!;
    return nowNs - timeNs >= HELD_NS || this.#held.size > MOST_HELD;
  }

  #emitFirst(): void {
    const name = this.#names[this.#first++]!;
    const row = this.#held.get(name)!;
    this.#held.delete(name);
    this.#emit(row);
  }

  protected foundSpurious(_row: number, name: number): void {
    const row = this.#held.get(name);
    if (row) row.spurious = true;
    else this.lateAmendments++;
  }

  protected foundCause(_row: number, name: number, cause: number): void {
    const row = this.#held.get(name);
    if (!row) this.lateAmendments++;
    else if (row.label !== "retransmission") {
      row.label = "retransmission";
      row.repeats = "data";
      row.cause = CAUSES[cause]!.name;
      row.evidence = "its original came later";
    }
  }

  #rowOf(segment: Segment): Draft {
    const { row, label, cause, connections } = this.#tracker;
    const isKnown = row >= 0;
    const first = isKnown
      ? nameOf(connections.columns, connectionOf(row))
      : row === HELD
        ? packetName(segment.file, segment.number)
        : 0;
    return {
      frame: idOf(this.#fileNames, segment.file, segment.number),
      timeNs: segment.timeNs,
      connection: first > 0 ? idOfName(this.#fileNames, first) : "",
      from: isKnown && row & STRIDE ? "server" : "client",
      sequence: segment.sequence >>> 0,
      acknowledgment: segment.flags & ACK ? segment.acknowledgment >>> 0 : null,
      payloadBytes: segment.payloadLength,
      flags: segment.flags,
      window: segment.window,
      label: LABELS[label]!.name,
      repeats: label === LABEL_RETRANSMISSION ? repeated(segment) : "",
      cause: CAUSES[cause]!.name,
      inferred: isKnown && label === LABEL_RETRANSMISSION && connections.isInferred,
      spurious: this.isSpurious,
      evidence: label === LABEL_RETRANSMISSION ? evidenceWords(connections, cause) : "",
    };
  }
}

function repeated(segment: Segment): SegmentRow["repeats"] {
  if (segment.flags & SYN) return segment.flags & ACK ? "syn-ack" : "syn";
  if (!(segment.flags & FIN)) return "data";
  return segment.payloadLength > 0 ? "data+fin" : "fin";
}
