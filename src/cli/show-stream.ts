/**
 * Shows what cannot be read twice: standard input, which is analysed here because a thread has none of its own, and what is
 * captured, in the thread of the screens' analysis.
 */
import { type CaptureOrder, openAnalysis, SourceError, textReport } from "../index.js";
import { startUi } from "../ui/start.js";
import { analysisBounds } from "./bounds.js";
import { beginCapture, droppedSentence } from "./capture.js";
import { complain, sentenceOf } from "./complaints.js";
import { type EngineThread, startEngine } from "./engine-thread.js";
import { filterComplaint } from "./filter-complaint.js";
import { labelOf } from "./input-label.js";
import type { CommandLine } from "./options.js";
import { inputOf, plainBounds } from "./plain-bounds.js";
import { saveConnection } from "./save-connection.js";
import { textMedium } from "./terminal.js";

/** Connections listed where a capture is ended from the screen. */
const LISTED = 20;

/** Longest that the end of a capture, and with it of the file of `-w`, is waited for. */
const ENDS_WITHIN_MS = 3000;

/** Shows the UI until it is left; the exit status. */
export async function showStream(line: CommandLine): Promise<number> {
  try {
    return await (line.capture === null ? showPipe(line) : showCapture(line, line.capture));
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
}

async function showPipe(line: CommandLine): Promise<number> {
  const analysis = await openAnalysis(line.files, { keep: "all", ...analysisBounds(line) });
  return startUi(analysis, labelOf(line), (record, form) =>
    saveConnection(line.files, analysis, record, form, ".", inputOf(line)),
  );
}

/** Where a capture is ended from the screen, the report is what stays. */
async function showCapture(
  line: CommandLine,
  captureLine: NonNullable<CommandLine["capture"]>,
): Promise<number> {
  // Throws for a wrong filter, before anything is opened.
  analysisBounds(line);
  const { opened } = await beginCapture(captureLine, null, (capture) => startCapturing(line, capture));
  const { analysis, end } = opened;
  let isEnded = false;
  const status = await startUi(analysis, labelOf(line), analysis.save, () => {
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

/** Begins to capture; done when the interface is open. Throws `SourceError`. */
async function startCapturing(line: CommandLine, capture: CaptureOrder): Promise<EngineThread> {
  const options = { keep: "all", ...plainBounds(line), keepsLatest: line.keep } as const;
  const begun = await startEngine({
    files: [],
    capture,
    metrics: line.capture?.metrics ?? null,
    options,
    where: line.where,
    follows: false,
  });
  if ("analysis" in begun) return begun;
  if (begun.kind === "wrong-filter") throw new Error(begun.complaint);
  const { path, message } = begun;
  // An error puts the path in front of it again.
  throw new SourceError("cannot-capture", path, message.slice(message.indexOf(": ") + 2));
}
