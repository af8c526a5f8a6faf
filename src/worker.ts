/** Entry of a thread that follows a part of a capture's connections (analysis-part.ts). */
import { parentPort, workerData } from "node:worker_threads";
import type { PartMessage } from "./analysis-in-parts.js";
import { type InputOptions, openCaptures } from "./analysis-input.js";
import { AnalysisPart, NeedsOneThread, type PartOrder } from "./analysis-part.js";

const { files, input, order } = workerData as {
  readonly files: readonly string[];
  readonly input: InputOptions;
  readonly order: PartOrder;
};

function say(message: PartMessage): void {
  parentPort!.postMessage(message, "bytes" in message ? [message.bytes.buffer] : []);
}

try {
  const part = new AnalysisPart(await openCaptures(files, input), order, (bytes, used, packet) =>
    say({ bytes, used, packet }),
  );
  say({ facts: await part.run() });
} catch (error) {
  // An error keeps its class here alone.
  say({ failure: error as Error, needsOneThread: error instanceof NeedsOneThread });
}
