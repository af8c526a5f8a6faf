/**
 * Opens the analysis for the terminal UI and hands the screen over.
 *
 * An input that cannot be read at all is told on standard error, before the screen is touched. The analysis runs in a
 * thread of its own, so that keys are answered while it reads; what comes on standard input is read here, where it is.
 */
import {
  captureName,
  type OpenOptions,
  openAnalysis,
  type RemoteAnalysis,
  stateOf,
  textReport,
} from "../index.js";
import type { RunnableAnalysis } from "../ui/live.js";
import { startUi } from "../ui/start.js";
import { beginCapture, droppedSentence } from "./capture.js";
import { startCapturingEngine, startEngine } from "./engine-thread.js";
import type { CommandLine } from "./options.js";
import { analysisBounds, complain, filterComplaint, sentenceOf } from "./report.js";
import { saveConnection } from "./save-connection.js";
import { textMedium } from "./terminal.js";

/** Connections listed where a capture is ended from the screen. */
const LISTED = 20;

/** Longest that the end of a capture, and with it of the file of `-w`, is waited for. */
const ENDS_WITHIN_MS = 3000;

/** What is shown, and how it is ended. */
interface Shown {
  readonly analysis: RunnableAnalysis;
  /** The same where it is of a capture. */
  readonly captured?: RemoteAnalysis;
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
  const save: Parameters<typeof startUi>[2] = (record, form) =>
    saveConnection(line.files, shown.analysis, record, form);
  if (shown.captured !== undefined) return showCapture(line, shown, shown.captured, save);
  return startUi(shown.analysis, labelOf(line), save).finally(() => shown.end());
}

/** Shows a capture; where it is ended from the screen, the report is what stays. */
async function showCapture(
  line: CommandLine,
  { end }: Shown,
  analysis: RemoteAnalysis,
  save: Parameters<typeof startUi>[2],
): Promise<number> {
  let isEnded = false;
  const status = await startUi(analysis, labelOf(line), save, () => {
    isEnded = true;
    analysis.endCapture();
  });
  // The packets that are still to be written, and the counts behind them.
  analysis.endCapture();
  await Promise.race([analysis.ended, new Promise((resolve) => setTimeout(resolve, ENDS_WITHIN_MS).unref())]);
  if (isEnded && analysis.progress().isDone)
    process.stdout.write(textReport(analysis.summary(), await analysis.worst(LISTED), textMedium(line)));
  const dropped = droppedSentence(analysis.progress());
  if (dropped !== null) complain(dropped);
  end();
  return status;
}

function labelOf({ files, capture, where }: CommandLine): string {
  const [first = "", ...others] = files;
  const name = capture === null ? (first === "-" ? "standard input" : first) : captureName(capture);
  const all = others.length === 0 ? name : `${name} and ${others.length} more`;
  return where === null ? all : `${all}, where ${where}`;
}

async function open(line: CommandLine): Promise<Shown> {
  const { where: filter, ...bounds } = analysisBounds(line);
  const options: OpenOptions = { keep: "all", ...bounds };
  const order = { files: line.files, options, where: line.where, follows: line.follow };
  if (line.capture !== null) {
    const { opened } = await beginCapture(line.capture, null, (capture) =>
      startCapturingEngine({ ...order, capture }),
    );
    return { ...opened, captured: opened.analysis };
  }
  const following = new AbortController();
  const analysis = await openAnalysis(line.files, {
    ...options,
    ...(filter ? { where: filter } : {}),
    ...(line.follow ? { follow: following.signal } : {}),
  });
  if (line.files.includes("-")) return { analysis, end: () => following.abort() };
  // It was opened to know whether it can be read, and for what an analysis tells before it has read anything.
  const first = stateOf(analysis);
  following.abort();
  await analysis.discard();
  return startEngine({ ...order, capture: null }, first);
}
