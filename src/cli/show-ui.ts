/**
 * Hands the screen to the terminal UI. For files the analysis runs in a thread of its own, so that keys are answered while
 * it reads, and nothing of it is loaded here: the thread begins while what draws is loaded.
 *
 * An input that cannot be read at all is told on standard error, before the screen is touched.
 */
import { loadDrawing, startUi } from "../ui/start.js";
import { startEngine } from "./engine-thread.js";
import { labelOf } from "./input-label.js";
import type { CommandLine } from "./options.js";
import { plainBounds } from "./plain-bounds.js";

/** Shows the UI until it is left; the exit status. */
export async function showUi(line: CommandLine): Promise<number> {
  if (line.capture !== null || line.files.includes("-")) {
    const { showStream } = await import("./show-stream.js");
    return showStream(line);
  }
  const drawing = loadDrawing();
  // Told of where it is waited for.
  drawing.catch(() => undefined);
  const begun = await startEngine({
    files: line.files,
    capture: null,
    metrics: null,
    options: { keep: "all", ...plainBounds(line) },
    where: line.where,
    follows: line.follow,
  });
  if (!("analysis" in begun)) {
    const { complain } = await import("./complaints.js");
    if (begun.kind === "unopened") complain(begun.message);
    else process.stderr.write(begun.complaint);
    return begun.kind === "unopened" ? 1 : 2;
  }
  const { analysis, end } = begun;
  return startUi(analysis, labelOf(line), analysis.save).finally(end);
}
