/** Entry of a thread in which a whole capture is analysed for a screen (analysis-remote.ts). */
import { parentPort, workerData } from "node:worker_threads";
import { Engine, type Question } from "./analysis-remote.js";
import { compileFilter, type OpenOptions, openAnalysis } from "./index.js";

/** What the thread is to do: plain values, as they cross to it. */
export interface EngineOrder {
  readonly files: readonly string[];
  readonly options: Omit<OpenOptions, "where" | "follow" | "onFinished" | "onAmended" | "onSegment">;
  readonly where: string | null;
  /** Whether the file is read as it grows: until the thread is ended. */
  readonly follows: boolean;
}

const { files, options, where, follows } = workerData as EngineOrder;
const port = parentPort!;
// Questions wait until somebody listens.
const analysis = await openAnalysis(files, {
  ...options,
  ...(where === null ? {} : { where: compileFilter(where) }),
  ...(follows ? { follow: new AbortController().signal } : {}),
});
const engine = new Engine(analysis, (answer) => port.postMessage(answer));
port.on("message", (question: Question) => engine.hear(question));
