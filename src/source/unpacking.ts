/**
 * Entry of a thread that decompresses one file for another thread, ahead of what that reads (unpacked-source.ts).
 */
import { parentPort, workerData } from "node:worker_threads";
import { decompressing } from "./decompress.js";
import { FileSource } from "./file-source.js";
import { SharedBytes } from "./shared-bytes.js";
import { SourceError } from "./source.js";
import type { Order } from "./unpacked-source.js";

const order = workerData as Order;
const shared = new SharedBytes(order.memory);
const wake = () => parentPort!.postMessage(null);

/** Its descriptor is the other thread's, which closes it. */
const file = new FileSource(order.descriptor, order.name, order.size);
try {
  await unpack();
  shared.end(null, wake);
} catch (error) {
  // What cannot be read or decompressed ends the stream; anything else is a defect, and ends the thread.
  if (!(error instanceof SourceError)) throw error;
  shared.position = file.bytesRead;
  shared.end(error, wake);
}

async function unpack(): Promise<void> {
  const source = await decompressing(file);
  const piece = new Uint8Array(128 * 1024);
  let skipped = 0;
  for (;;) {
    const count = await source.read(piece, 0, piece.length);
    shared.position = file.bytesRead;
    if (count === 0) return;
    const known = Math.min(count, order.skip - skipped);
    skipped += known;
    shared.write(piece.subarray(known, count), wake);
  }
}
