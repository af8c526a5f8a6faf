/**
 * Entry of a thread in which a whole capture is analysed for a screen (analysis-remote.ts): of files, or of what
 * interfaces give. It ends when it is told to, or with whoever began it.
 */
import { parentPort, workerData } from "node:worker_threads";
import { type Answer, Engine, type EngineState, type Question, stateOf } from "./analysis-remote.js";
import { compiledOption, filterComplaint } from "./cli/filter-complaint.js";
import { saveConnection } from "./cli/save-connection.js";
import { goBesideCapture } from "./host/beside-capture.js";
import {
  type Analysis,
  CaptureError,
  type CaptureOrder,
  compileFilter,
  type OpenOptions,
  openAnalysis,
  openLiveAnalysis,
  SourceError,
  wordsText,
} from "./index.js";
import { CannotServe } from "./metrics/cannot-serve.js";
import type { MetricsAddress } from "./metrics/serve.js";

/** What the thread is to do: plain values, as they cross to it. */
export interface EngineOrder {
  readonly files: readonly string[];
  /** What is captured, in place of files; null where files are read. */
  readonly capture: CaptureOrder | null;
  /** Where figures of a capture are served; null: nowhere. */
  readonly metrics: MetricsAddress | null;
  readonly options: Omit<OpenOptions, "where" | "follow" | "onFinished" | "onAmended" | "onSegment">;
  readonly where: string | null;
  /** Whether the file is read as it grows: until the thread is ended. */
  readonly follows: boolean;
}

/** What the thread tells first: that the input is open, in a sentence why it is not (its path is how that begins), or what is wrong with the filter. */
export type Opening =
  | { readonly kind: "opened"; readonly state: EngineState }
  | { readonly kind: "unopened"; readonly path: string; readonly message: string }
  | { readonly kind: "wrong-filter"; readonly complaint: string };

const { files, capture, metrics, options, where, follows } = workerData as EngineOrder;
const port = parentPort!;
const say = (message: Answer | Opening): void => port.postMessage(message);

try {
  const bounds = {
    ...options,
    ...(where === null ? {} : { where: compiledOption("--where", where, compileFilter) }),
  };
  if (capture === null) {
    const follow = follows ? { follow: new AbortController().signal } : {};
    answer(await openAnalysis(files, { ...bounds, ...follow }));
  } else {
    const { analysis, stop } = await openLiveAnalysis(capture, bounds);
    const endBeside = await goBesideCapture(analysis, { metrics, writeAddress: wordsText });
    answer(analysis, () => {
      endBeside();
      stop();
    });
  }
} catch (error) {
  say(openingOf(error));
}

/** Throws what is a defect of the program. */
function openingOf(error: unknown): Opening {
  const complaint = filterComplaint(error);
  if (complaint !== null) return { kind: "wrong-filter", complaint };
  if (!isSentence(error)) throw error;
  const { path, message } = error;
  return { kind: "unopened", path, message };
}

function isSentence(error: unknown): error is CaptureError | SourceError | CannotServe {
  return error instanceof CaptureError || error instanceof SourceError || error instanceof CannotServe;
}

function answer(analysis: Analysis, endCapture?: () => void): void {
  const engine = new Engine(
    analysis,
    say,
    (record, form) => saveConnection(files, analysis, record, form, ".", options),
    endCapture,
  );
  port.on("message", (question: Question) => engine.hear(question));
  say({ kind: "opened", state: stateOf(analysis) });
}
