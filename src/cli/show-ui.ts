/**
 * Opens the analysis for the terminal UI and hands the screen over.
 *
 * An input that cannot be read at all is told on standard error, before the screen is touched. The analysis runs in a
 * thread of its own, so that keys are answered while it reads; what comes on standard input is read here, where it is.
 */
import { Worker } from "node:worker_threads";
import type { EngineOrder } from "../engine.js";
import {
  type Analysis,
  type Answer,
  type EngineLink,
  type OpenOptions,
  openAnalysis,
  type Question,
  RemoteAnalysis,
  textReport,
} from "../index.js";
import type { RunnableAnalysis } from "../ui/live.js";
import { startUi } from "../ui/start.js";
import { beginCapture, droppedSentence } from "./capture.js";
import { filterComplaint } from "./filter-complaint.js";
import type { CommandLine } from "./options.js";
import { analysisBounds, complain, inputOf, sentenceOf } from "./report.js";
import { saveConnection } from "./save-connection.js";
import { textMedium } from "./terminal.js";

/** Connections listed where a capture is ended from the screen. */
const LISTED = 20;

/** What is shown, and how it is ended. */
interface Shown {
  readonly analysis: RunnableAnalysis;
  /** The same where it is of a capture, which runs in this thread. */
  readonly captured?: Analysis;
  end(): void;
}

/** Shows the UI until it is left; the exit status. */
export async function showUi(line: CommandLine): Promise<number> {
  let shown: Shown;
  try {
    shown = await open(line);
  } catch (error) {
    const complaint = filterComplaint(error);
    if (complaint !== null) {
      process.stderr.write(complaint);
      return 2;
    }
    const sentence = sentenceOf(error);
    if (sentence === null) throw error;
    complain(sentence);
    return 1;
  }
  const save: Parameters<typeof startUi>[2] = (record, form) =>
    saveConnection(line.files, shown.analysis, record, form, ".", inputOf(line));
  if (shown.captured !== undefined) return showCapture(line, shown, shown.captured, save);
  return startUi(shown.analysis, labelOf(line), save).finally(() => shown.end());
}

/** Shows a capture; where it is ended from the screen, the report is what stays. */
async function showCapture(
  line: CommandLine,
  { end }: Shown,
  analysis: Analysis,
  save: Parameters<typeof startUi>[2],
): Promise<number> {
  let isEnded = false;
  const status = await startUi(analysis, labelOf(line), save, () => {
    isEnded = true;
    end();
  });
  // The packets that are still to be written, and the counts behind them.
  end();
  if (isEnded && analysis.progress().isDone)
    process.stdout.write(textReport(analysis.summary(), analysis.worst(LISTED), textMedium(line)));
  const dropped = droppedSentence(analysis.progress());
  if (dropped !== null) complain(dropped);
  return status;
}

function labelOf({ files, capture, where }: CommandLine): string {
  const [first = "", ...others] = files;
  const name = capture?.interfaceName ?? (first === "-" ? "standard input" : first);
  const all = others.length === 0 ? name : `${name} and ${others.length} more`;
  return where === null ? all : `${all}, where ${where}`;
}

async function open(line: CommandLine): Promise<Shown> {
  if (line.capture !== null) {
    const { analysis, stop } = await beginCapture(line.capture, { keep: "all", ...analysisBounds(line) });
    return { analysis, captured: analysis, end: stop };
  }
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
