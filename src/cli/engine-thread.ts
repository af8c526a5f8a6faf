/** The thread in which an analysis runs beside the screens: how it is begun, spoken to and ended. */
import { Worker } from "node:worker_threads";
import { type Answer, type EngineLink, type Question, RemoteAnalysis } from "../analysis-remote.js";
import type { EngineOrder, Opening } from "../engine.js";

/** An analysis in a thread, and the end of that thread. */
export interface EngineThread {
  readonly analysis: RemoteAnalysis;
  end(): void;
}

/** Why a thread has nothing to analyse. */
export type Unopened = Exclude<Opening, { kind: "opened" }>;

/** Begins to analyse; done when the input is open, or known not to open. Rejects with a defect of the program. */
export async function startEngine(order: EngineOrder): Promise<EngineThread | Unopened> {
  const worker = new Worker(new URL("./engine.js", import.meta.url), { workerData: order });
  const opening = await new Promise<Opening>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  worker.removeAllListeners("error");
  if (opening.kind === "opened")
    return {
      analysis: new RemoteAnalysis(linkTo(worker), opening.state),
      end: () => void worker.terminate(),
    };
  await worker.terminate();
  return opening;
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
