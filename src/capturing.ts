/** Entry of a thread that captures from interfaces for another thread (source/live-source.ts), and writes `-w`. */
import { parentPort, workerData } from "node:worker_threads";
import { CapturedFile, wholeBlockBytes } from "./capture/captured-file.js";
import { CapturedMerge } from "./capture/captured-merge.js";
import { capture } from "./source/live-capture.js";
import {
  CaptureControl,
  type CaptureCounts,
  type CaptureSink,
  type CapturingOrder,
} from "./source/live-order.js";
import { SharedBytes } from "./source/shared-bytes.js";
import { SourceError } from "./source/source.js";
import { WrittenFiles } from "./source/written-files.js";

const order = workerData as CapturingOrder;
const { interfaceNames } = order;
const ring = new SharedBytes(order.ring);
const control = new CaptureControl(order.control);
const wake = () => parentPort!.postMessage(null);
const startMs = Date.now();
let files: WrittenFiles | null = null;
let isHeadWritten = false;
/** The last blocks of a file: what was counted of each interface until then. */
let foot = (): readonly Uint8Array[] => [];
/** What went wrong, the first of it being what is told. */
const failures: SourceError[] = [];

const sink = interfaceNames.length === 1 ? sinkOfOne() : sinkOfSeveral();
await run(() => capture(order, control, sink));
await run(() => sink.settle?.(Number.NEGATIVE_INFINITY));
await run(() => files?.end());
ring.end(failures[0] ?? null, wake);

/** What a user can do something about ends the stream; anything else is a defect, and ends the thread. */
async function run(step: () => void | Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    failures.push(error);
    if (error.kind === "cannot-write") files = null;
  }
}

/** One interface: the analysis reads the pcap stream as it is; the file is made of it. */
function sinkOfOne(): CaptureSink {
  let file: CapturedFile | null = null;
  return {
    begin([filter]) {
      const made = new CapturedFile(interfaceNames[0]!, filter!);
      foot = () => [made.end(control.counts, startMs, Date.now())];
      file = made;
      openFiles();
    },
    write(bytes) {
      try {
        if (files !== null) save(file!.take(bytes), file!);
      } finally {
        // What the disk has no room for is reported all the same.
        ring.write(bytes, wake);
      }
      stopWhenFull();
    },
    count: stopWhenFull,
  };
}

/** The first blocks are what every file begins with: all of those in front of the first packet. */
function save(blocks: Uint8Array, { head }: CapturedFile): void {
  const isHead = head.length > 0 && !isHeadWritten;
  if (isHead) {
    files!.writeHead(head);
    isHeadWritten = true;
  }
  const rest = isHead ? blocks.subarray(head.length) : blocks;
  if (rest.length > 0) files!.write(rest, Date.now());
}

/** Several: one stream in the order of time, which the analysis and the file both get. */
function sinkOfSeveral(): CaptureSink {
  let merge: CapturedMerge | null = null;
  let latest: readonly CaptureCounts[] = [];
  let waiting = interfaceNames.length;
  const emit = (blocks: Uint8Array): void => {
    try {
      if (files !== null && waiting > 0) files.writeHead(blocks);
      else files?.write(blocks, Date.now());
    } finally {
      ring.write(blocks, wake);
    }
  };
  return {
    begin(filters) {
      merge = new CapturedMerge(interfaceNames, filters, emit);
      foot = () =>
        latest.map((counts, number) => merge!.statistics(number, counts, startMs, Date.now(), true)!);
      openFiles();
    },
    write(bytes, number) {
      merge!.take(number, bytes, Date.now());
      if (waiting > 0) waiting--;
    },
    settle(agoMs) {
      if (agoMs === Number.NEGATIVE_INFINITY) merge?.end();
      else merge?.advance(Date.now() - agoMs, Date.now());
    },
    count(counts) {
      latest = counts;
      for (const [number, one] of counts.entries()) {
        const told = merge?.statistics(number, one, startMs, Date.now()) ?? null;
        if (told !== null) ring.write(told, wake);
      }
      stopWhenFull();
    },
  };
}

function openFiles(): void {
  if (order.written === null) return;
  files = new WrittenFiles(order.written, {
    wholeBytes: wholeBlockBytes,
    foot: () => Buffer.concat(foot()),
  });
  files.begin();
}

/** Ends a capture that writes so many files, each for its time, and has written them. */
function stopWhenFull(): void {
  if (files?.isFull(Date.now())) control.stop();
}
