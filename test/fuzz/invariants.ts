/** What holds for every input, whatever stands in it: nothing is thrown, everything is counted once, all of it can be written. */
import { DEFAULT_OPTIONS } from "../../src/analysis-options.js";
import { Analysis } from "../../src/analyzer.js";
import { CaptureError } from "../../src/capture/capture-error.js";
import { openCapture } from "../../src/capture/open-capture.js";
import { connectionReport } from "../../src/output/connection-text.js";
import { jsonDocument } from "../../src/output/json.js";
import { ndjsonLine } from "../../src/output/ndjson.js";
import { segmentLine } from "../../src/output/segments.js";
import { textReport } from "../../src/output/text.js";
import type { ConnectionRecord, EndpointRecord } from "../../src/report/record.js";
import type { CaptureSummary } from "../../src/report/summary.js";
import { decompressing } from "../../src/source/decompress.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { SourceError } from "../../src/source/source.js";

const MEDIUM = { width: 80, hasColor: false, isAscii: false } as const;
/** Controls but line feeds (and tabs of `--segments`), what turns text around, halves of characters. */
const UNSAFE = /(?![\n\t])[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Times run backwards with a capture's clock, and initial sequence numbers downwards. */
const SIGNED = /Ms(\.|$)|\.(perHandshake|perSecond)$/;

export class Broken extends Error {
  override readonly name = "Broken";
}

function hold(holds: boolean, what: () => string): void {
  if (!holds) throw new Broken(what());
}

/** Analyses the bytes as a file would be. Throws what the program would never handle, and `Broken`. */
export async function inspectCapture(
  bytes: Uint8Array,
  options: { readonly checksums?: boolean } = {},
): Promise<void> {
  const source = async () =>
    openCapture([await decompressing(new MemorySource(bytes))], { chunkBytes: 1 << 16 });
  try {
    let streamed = 0;
    const analysis = new Analysis(await source(), {
      ...DEFAULT_OPTIONS,
      ...options,
      reopen: source,
      onFinished: (record) => {
        streamed++;
        safe(ndjsonLine(record));
      },
      onAmended: () => undefined,
      onSegment: (row) => safe(segmentLine(row)),
    });
    await analysis.run();
    const summary = analysis.summary();
    const records = analysis.worst("all");
    hold(streamed >= records.length, () => `${streamed} streamed, ${records.length} kept`);
    addsUp(summary, records);
    safe(textReport(summary, records, MEDIUM));
    safe([...jsonDocument(summary, records, { name: "fuzz", version: "0" })].join(""));
    for (const record of records.slice(0, 3))
      safe(connectionReport(await analysis.ladder(record.id), MEDIUM));
  } catch (error) {
    if (error instanceof CaptureError || error instanceof SourceError) safe(`${error.message}\n`);
    else throw error;
  }
}

function addsUp(summary: CaptureSummary, records: readonly ConnectionRecord[]): void {
  const skipped = summary.skipped.reduce((sum, { packets }) => sum + packets, 0);
  hold(summary.packets === summary.segments + skipped, () => {
    return `${summary.packets} packets: ${summary.segments} segments, ${skipped} skipped`;
  });
  hold(summary.connections + summary.seenTwice === records.length, () => {
    return `${summary.connections} connections and ${summary.seenTwice} seen twice of ${records.length}`;
  });
  const sumOf = (counts: object) => Object.values(counts).reduce((sum: number, n: number) => sum + n, 0);
  const outcomes = sumOf(summary.outcomes) + summary.outcomesUnknown;
  hold(outcomes === summary.connections, () => `${outcomes} outcomes of ${summary.connections} connections`);
  hold(sumOf(summary.closes) === summary.connections, () => `closes: ${JSON.stringify(summary.closes)}`);
  let segments = summary.lateSegments;
  for (const record of records) {
    segments += record.refusedSyns;
    hold(record.packets === record.client.packets + record.server.packets, () => `packets of ${record.id}`);
    hold(record.bytes === record.client.bytes + record.server.bytes, () => `bytes of ${record.id}`);
    for (const side of [record.client, record.server]) {
      segments += side.packets + side.networkDuplicates + side.captureDuplicates;
      sideAddsUp(side, record.id);
    }
    finite(record, record.id);
  }
  hold(
    segments === summary.segments,
    () => `${summary.segments} segments, ${segments} in connections or late`,
  );
  finite({ ...summary, findings: [] }, "summary");
}

function sideAddsUp(side: EndpointRecord, id: string): void {
  const { retransmittedBytes, bytes, retransmissions, repeatedBytes } = side;
  hold(retransmittedBytes <= bytes, () => `${id}: ${retransmittedBytes} bytes sent again of ${bytes}`);
  const causes =
    side.synRetransmissions +
    side.fastRetransmissions +
    side.timeouts +
    side.timeoutRepeats +
    side.tailLossProbes +
    side.pathMtuRetransmissions +
    side.fastOpenRetransmissions +
    side.unexplainedRetransmissions;
  // A SYN that its own repeats overtook was sent again, and is none of the repeats that passed.
  const overtaken = side.synRetransmissions > 0 ? side.reordered : 0;
  hold(
    causes >= retransmissions && causes <= retransmissions + overtaken,
    () => `${id}: ${causes} repeats by cause of ${retransmissions}`,
  );
  const byCause = Object.values(repeatedBytes ?? {}).reduce((sum, n) => sum + n, 0);
  hold(
    byCause === retransmittedBytes,
    () => `${id}: ${byCause} repeated bytes by cause of ${retransmittedBytes}`,
  );
}

/** No number in it is none, and no count below nothing; times may run backwards with the capture's clock. */
function finite(value: unknown, path: string): void {
  if (typeof value === "number") {
    hold(Number.isFinite(value), () => `${path} is ${value}`);
    hold(value >= 0 || SIGNED.test(path), () => `${path} is ${value}`);
  } else if (typeof value === "object" && value !== null)
    for (const [name, member] of Object.entries(value)) finite(member, `${path}.${name}`);
  else hold(value !== undefined, () => `${path} is undefined`);
}

function safe(text: string): void {
  hold(
    !UNSAFE.test(text),
    () => `unsafe: ${JSON.stringify(UNSAFE.exec(text))} in ${JSON.stringify(text.slice(0, 200))}`,
  );
}
