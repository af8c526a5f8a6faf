/** The thread in which an analysis runs beside the screens: how it is begun, spoken to and ended. */
import { Worker } from "node:worker_threads";
import type { EngineOrder, Opening } from "../engine.js";
import {
  type Answer,
  type EngineLink,
  type EngineState,
  type Question,
  RemoteAnalysis,
  SourceError,
} from "../index.js";

/** An analysis in a thread, and the end of that thread. */
export interface EngineThread {
  readonly analysis: RemoteAnalysis;
  end(): void;
}

/** Begins to analyse files; `first` is shown until the thread tells more. */
export function startEngine(order: EngineOrder, first: EngineState): EngineThread {
  const worker = startWorker(order);
  return { analysis: new RemoteAnalysis(linkTo(worker), first), end: () => void worker.terminate() };
}

/** Begins to capture; done when the interface is open. Throws `SourceError`. */
export async function startCapturingEngine(order: EngineOrder): Promise<EngineThread> {
  const worker = startWorker(order);
  const opening = await new Promise<Opening>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  if (opening.kind === "opened")
    return {
      analysis: new RemoteAnalysis(linkTo(worker), opening.state),
      end: () => void worker.terminate(),
    };
  await worker.terminate();
  throw new SourceError("cannot-capture", opening.path, opening.sentence);
}

function startWorker(order: EngineOrder): Worker {
  return new Worker(new URL("./engine.js", import.meta.url), { workerData: order });
}

function linkTo(worker: Worker): EngineLink {
  return {
    ask: (question: Question) => worker.postMessage(question),
    listen: (hear, fail) => {
      worker.on("message", (answer: Answer) => hear(answer));
      worker.on("error", fail);
    },
  };
}
