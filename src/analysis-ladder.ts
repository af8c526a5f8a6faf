/**
 * Reads one connection's packets again, for its ladder diagram.
 *
 * No packet is kept from the first reading; a pipe cannot be read twice, and says so.
 */
import type { Capture } from "./capture/packet.js";
import { Checksums } from "./connection/checksums.js";
import { tupleOf } from "./connection/record-tuple.js";
import { Trace } from "./connection/trace.js";
import { withRemarks } from "./report/ladder-remarks.js";
import type { ConnectionRecord } from "./report/record.js";
import type { Ladder } from "./report/view.js";
import { decode, QUOTED, SEGMENT } from "./wire/decode.js";
import { Segment } from "./wire/segment.js";

export interface LadderOptions {
  readonly mslNs: number;
  readonly fileNames: readonly string[];
  readonly checksums?: boolean;
  readonly capturing?: string;
  readonly reopen?: () => Promise<Capture>;
}

export async function readLadder(record: ConnectionRecord, options: LadderOptions): Promise<Ladder> {
  if (!options.reopen) {
    const absent =
      options.capturing === undefined
        ? "the input was a pipe: its packets were not kept"
        : "packets that are captured are not kept: write them with -w, and look at them in that file";
    return { record, rows: [], omitted: 0, absent };
  }
  const capture = await options.reopen();
  const key = tupleOf(record);
  const { frame, file } = record;
  const trace = new Trace({ key, frame, file, fileNames: options.fileNames }, options.mslNs);
  const segment = new Segment();
  const checksums = options.checksums ? new Checksums() : null;
  // An evicted connection ends where its record does, and what goes on with one begins with its own first packet.
  const untilNs = record.evicted ? (record.startMs + record.durationMs) * 1e6 + 1 : Number.POSITIVE_INFINITY;
  let isBefore = record.outcome === "mid-stream" && record.previousId !== null;
  let isPast = false;
  while (!isPast && (await capture.fill())) {
    while (!isPast && capture.next()) {
      const kind = decode(capture, segment);
      if (kind === SEGMENT && checksums !== null && !checksums.verify(segment)) continue;
      if (isBefore && (segment.number !== frame || segment.file !== file)) continue;
      isBefore = false;
      if (kind === SEGMENT) trace.observe(segment);
      else if (kind === QUOTED) trace.observeError(segment);
      isPast = trace.isOver || segment.timeNs > untilNs;
    }
  }
  await capture.close();
  trace.settleCopies([record.client.captureDuplicates, record.server.captureDuplicates]);
  return { record, rows: withRemarks(trace.rows), omitted: trace.omitted, absent: null };
}
