/**
 * Reads the packets of some connections again, for their ladder diagrams.
 *
 * No packet is kept from the first reading; a pipe cannot be read twice, and says so.
 */
import type { Capture } from "./capture/packet.js";
import { Checksums } from "./connection/checksums.js";
import { FourTuples } from "./connection/four-tuples.js";
import { tupleOf } from "./connection/record-tuple.js";
import { Trace } from "./connection/trace.js";
import type { ConnectionFinding } from "./report/finding.js";
import { withRemarks } from "./report/ladder-remarks.js";
import type { ConnectionRecord } from "./report/record.js";
import type { Ladder } from "./report/view.js";
import { decode, SEGMENT, SKIPPED } from "./wire/decode.js";
import { Segment } from "./wire/segment.js";

export interface LadderOptions {
  readonly mslNs: number;
  readonly fileNames: readonly string[];
  readonly checksums?: boolean;
  readonly capturing?: string;
  readonly reopen?: () => Promise<Capture>;
}

/** Who knows the findings behind which a connection stands. */
export interface Findings {
  findingsOf(record: ConnectionRecord): readonly ConnectionFinding[];
}

export async function readLadder(
  record: ConnectionRecord,
  findings: Findings,
  options: LadderOptions,
): Promise<Ladder> {
  const [ladder] = await readLadders([record], findings, options);
  return ladder!;
}

/** The ladders of all of them, in their order, in one reading of the input; each in memory. */
export async function readLadders(
  records: readonly ConnectionRecord[],
  findings: Findings,
  options: LadderOptions,
): Promise<readonly Ladder[]> {
  if (!options.reopen) {
    const absent =
      options.capturing === undefined
        ? "the input was a pipe: its packets were not kept"
        : "packets that are captured are not kept: write them with -w, and look at them in that file";
    return records.map((record) => ({
      record,
      findings: findings.findingsOf(record),
      rows: [],
      omitted: 0,
      absent,
    }));
  }
  const capture = await options.reopen();
  const lives = records.map((record) => new Life(record, options));
  const tuples = new LivesByTuple(lives);
  const segment = new Segment();
  const checksums = options.checksums ? new Checksums() : null;
  let left = lives.length;
  try {
    while (left > 0 && (await capture.fill())) {
      while (left > 0 && capture.next()) {
        const kind = decode(capture, segment);
        if (kind === SKIPPED) continue;
        if (kind === SEGMENT && checksums !== null && !checksums.verify(segment)) continue;
        for (const life of tuples.of(segment)) if (!life.isPast && life.take(segment, kind)) left--;
      }
    }
  } finally {
    await capture.close();
  }
  return lives.map((life) => life.ladder(findings.findingsOf(life.record)));
}

/** One use of a four-tuple, whose packets are wanted. */
class Life {
  readonly record: ConnectionRecord;
  isPast = false;
  readonly #trace: Trace;
  /** An evicted connection ends where its record does, and what goes on with one begins with its own first packet. */
  readonly #untilNs: number;
  #isBefore: boolean;

  constructor(record: ConnectionRecord, { fileNames, mslNs }: LadderOptions) {
    this.record = record;
    const { frame, file } = record;
    this.#trace = new Trace({ key: tupleOf(record), frame, file, fileNames }, mslNs);
    this.#untilNs = record.evicted
      ? (record.startMs + record.durationMs) * 1e6 + 1
      : Number.POSITIVE_INFINITY;
    this.#isBefore = record.outcome === "mid-stream" && record.previousId !== null;
  }

  /** Takes a segment of the tuple, or one that an ICMP error quotes; true where nothing more can come. */
  take(segment: Segment, kind: number): boolean {
    const { frame, file } = this.record;
    if (this.#isBefore && (segment.number !== frame || segment.file !== file)) return false;
    this.#isBefore = false;
    if (segment.timeNs > this.#untilNs) {
      this.isPast = true;
      return true;
    }
    if (kind === SEGMENT) this.#trace.observe(segment);
    else this.#trace.observeError(segment);
    this.isPast = this.#trace.isOver;
    return this.isPast;
  }

  ladder(findings: readonly ConnectionFinding[]): Ladder {
    const { record } = this;
    this.#trace.settleCopies([record.client.captureDuplicates, record.server.captureDuplicates]);
    const rows = withRemarks(this.#trace.rows, findings);
    return { record, findings, rows, omitted: this.#trace.omitted, absent: null };
  }
}

const NONE: readonly Life[] = [];

/** Which of them a segment may be of. */
class LivesByTuple {
  readonly #tuples: FourTuples;
  readonly #lives: Life[][] = [];

  constructor(lives: readonly Life[]) {
    this.#tuples = new FourTuples(lives.length);
    for (const life of lives) {
      const tuple = tupleOf(life.record);
      const known = this.#tuples.find(tuple, 0);
      if (known >= 0) this.#lives[known]!.push(life);
      else {
        this.#tuples.add(this.#lives.length, tuple, 0, false);
        this.#lives.push([life]);
      }
    }
  }

  of(segment: Segment): readonly Life[] {
    const at = this.#tuples.find(segment, 0);
    return at < 0 ? NONE : this.#lives[at]!;
  }
}
