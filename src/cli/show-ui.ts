/**
 * Opens the analysis for the terminal UI and hands the screen over.
 *
 * An input that cannot be read at all is told on standard error, before the screen is touched. The analysis runs in a
 * thread of its own, so that keys are answered while it reads; what comes on standard input is read here, where it is.
 */
import { Worker } from "node:worker_threads";
import type { EngineOrder } from "../engine.js";
import {
  type Answer,
  type EngineLink,
  type OpenOptions,
  openAnalysis,
  type Question,
  RemoteAnalysis,
} from "../index.js";
import type { RunnableAnalysis } from "../ui/live.js";
import { startUi } from "../ui/start.js";
import type { CommandLine } from "./options.js";
import { analysisBounds, complain, filterComplaint, sentenceOf } from "./report.js";
import { saveConnection } from "./save-connection.js";

/** What is shown, and how it is ended. */
interface Shown {
  readonly analysis: RunnableAnalysis;
  end(): void;
}

/** Shows the UI until it is left; the exit status. */
export async function showUi(line: CommandLine): Promise<number> {
  let shown: Shown;
  try {
    shown = await open(line);
  } catch (error) {
    const complaint = filterComplaint(error, line.where);
    if (complaint !== null) {
      process.stderr.write(complaint);
      return 2;
    }
    const sentence = sentenceOf(error);
    if (sentence === null) throw error;
    complain(sentence);
    return 1;
  }
  const [first = "", ...others] = line.files;
  const name = first === "-" ? "standard input" : first;
  const files = others.length === 0 ? name : `${name} and ${others.length} more`;
  const label = line.where === null ? files : `${files}, where ${line.where}`;
  const { analysis } = shown;
  return startUi(analysis, label, (record, form) =>
    saveConnection(line.files, analysis, record, form),
  ).finally(() => shown.end());
}

async function open(line: CommandLine): Promise<Shown> {
  const { where, ...bounds } = analysisBounds(line);
  const options: OpenOptions = { keep: "all", ...bounds };
  const following = new AbortController();
  const analysis = await openAnalysis(line.files, {
    ...options,
    ...(where ? { where } : {}),
    ...(line.follow ? { follow: following.signal } : {}),
  });
  if (line.files.includes("-")) return { analysis, end: () => following.abort() };
  // It was opened to know whether it can be read, and for what an analysis tells before it has read anything.
  const first = { progress: analysis.progress(), summary: analysis.summary() };
  following.abort();
  await analysis.discard();
  const worker = startEngine({ files: line.files, options, where: line.where, follows: line.follow });
  return { analysis: new RemoteAnalysis(linkTo(worker), first), end: () => void worker.terminate() };
}

function startEngine(order: EngineOrder): Worker {
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
