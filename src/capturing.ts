/** Entry of a thread that captures from an interface for another thread (source/live-source.ts), and writes `-w`. */
import { ftruncateSync, writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { CapturedFile, wholeBlockBytes } from "./capture/captured-file.js";
import { capture } from "./source/live-capture.js";
import { cannotWrite } from "./source/live-errors.js";
import { CaptureControl, type CapturingOrder } from "./source/live-order.js";
import { SharedBytes } from "./source/shared-bytes.js";
import { SourceError } from "./source/source.js";

const order = workerData as CapturingOrder;
const ring = new SharedBytes(order.ring);
const control = new CaptureControl(order.control);
const wake = () => parentPort!.postMessage(null);
const startMs = Date.now();
let file: CapturedFile | null = null;
let fileBytes = 0;
/** What went wrong, the first of it being what is told. */
const failures: SourceError[] = [];

await run(async () => {
  await capture(order, control, {
    begin(filter) {
      if (order.file === null) return;
      emptyFile(0);
      file = new CapturedFile(order.interfaceName, filter);
    },
    write(bytes) {
      try {
        if (file !== null) save(file.take(bytes));
      } finally {
        // What the disk has no room for is reported all the same.
        ring.write(bytes, wake);
      }
    },
  });
});
await run(() => {
  if (file !== null) save(file.end(control.counts, startMs, Date.now()));
});
ring.end(failures[0] ?? null, wake);

/** What a user can do something about ends the stream; anything else is a defect, and ends the thread. */
async function run(step: () => void | Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    failures.push(error);
    if (error.kind === "cannot-write") file = null;
  }
}

/** Writes blocks; where there is no room for all of them, those stay that are whole. */
function save(blocks: Uint8Array): void {
  let done = 0;
  try {
    while (done < blocks.length) done += writeSync(order.file!, blocks, done, blocks.length - done, null);
    fileBytes += blocks.length;
  } catch (error) {
    emptyFile(fileBytes + wholeBlockBytes(blocks, done));
    throw cannotWrite(order.interfaceName, error);
  }
}

/** Throws away what stands in the file from there on. */
function emptyFile(from: number): void {
  try {
    ftruncateSync(order.file!, from);
  } catch {
    // A pipe has no length.
  }
}
