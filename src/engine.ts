/**
 * Entry of a thread in which a whole capture is analysed for a screen (analysis-remote.ts): of files, or of what
 * interfaces give. It ends when it is told to, or with whoever began it.
 */
import { parentPort, workerData } from "node:worker_threads";
import { type Answer, Engine, type EngineState, type Question, stateOf } from "./analysis-remote.js";
import {
  type Analysis,
  CaptureError,
  type CaptureOrder,
  compileFilter,
  type OpenOptions,
  openAnalysis,
  openLiveAnalysis,
  SourceError,
} from "./index.js";

/** What the thread is to do: plain values, as they cross to it. */
export interface EngineOrder {
  readonly files: readonly string[];
  /** What is captured, in place of files; null where files are read. */
  readonly capture: CaptureOrder | null;
  readonly options: Omit<OpenOptions, "where" | "follow" | "onFinished" | "onAmended" | "onSegment">;
  readonly where: string | null;
  /** Whether the file is read as it grows: until the thread is ended. */
  readonly follows: boolean;
}

/** What a thread that captures tells first: that the interface is open, or in a sentence why it is not. */
export type Opening =
  | { readonly kind: "opened"; readonly state: EngineState }
  | { readonly kind: "unopened"; readonly path: string; readonly sentence: string };

const { files, capture, options, where, follows } = workerData as EngineOrder;
const port = parentPort!;
const say = (message: Answer | Opening): void => port.postMessage(message);
const bounds = { ...options, ...(where === null ? {} : { where: compileFilter(where) }) };

if (capture === null) {
  const follow = follows ? { follow: new AbortController().signal } : {};
  // Questions wait until somebody listens.
  answer(await openAnalysis(files, { ...bounds, ...follow }));
} else {
  try {
    const { analysis, stop } = await openLiveAnalysis(capture, bounds);
    answer(analysis, stop);
    say({ kind: "opened", state: stateOf(analysis) });
  } catch (error) {
    if (!(error instanceof CaptureError || error instanceof SourceError)) throw error;
    const { path, message } = error;
    say({ kind: "unopened", path, sentence: message.slice(message.indexOf(": ") + 2) });
  }
}

function answer(analysis: Analysis, endCapture?: () => void): void {
  const engine = new Engine(analysis, say, endCapture);
  port.on("message", (question: Question) => engine.hear(question));
}
