/**
 * Opens the analysis for the terminal UI and hands the screen over.
 *
 * An input that cannot be read at all is told on standard error, before the screen is touched.
 */
import { openAnalysis } from "../index.js";
import { startUi } from "../ui/start.js";
import type { CommandLine } from "./options.js";
import { analysisBounds, complain, filterComplaint, sentenceOf } from "./report.js";
import { saveConnection } from "./save-connection.js";

/** Shows the UI until it is left; the exit status. */
export async function showUi(line: CommandLine): Promise<number> {
  // Once the screen is left nobody waits for more of a file that is followed.
  const following = new AbortController();
  let analysis: Awaited<ReturnType<typeof openAnalysis>>;
  try {
    analysis = await openAnalysis(line.files, {
      keep: "all",
      ...(line.follow ? { follow: following.signal } : {}),
      ...analysisBounds(line),
    });
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
  return startUi(analysis, label, (record, form) =>
    saveConnection(line.files, analysis, record, form),
  ).finally(() => following.abort());
}
