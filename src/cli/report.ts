/**
 * Runs an analysis for a report and writes it in one of the formats, of all connections or of one.
 *
 * Results go to standard output or a file, everything else to standard error. What could be read is reported whatever
 * happened while reading; the status says what that was.
 */
import {
  type Amendment,
  type ConnectionRecord,
  connectionReport,
  connectionsInDetail,
  htmlDocument,
  jsonConnection,
  jsonDocument,
  type Ladder,
  MOST_LISTED,
  markdownReport,
  type OpenOptions,
  openAnalysis,
  openAnalysisInParts,
  openLiveAnalysis,
  type ReportedAnalysis,
  SEGMENT_HEADER,
  type SegmentRow,
  segmentJson,
  segmentLine,
  textReport,
  unkeptNote,
  wordsText,
} from "../index.js";
import { analysisBounds } from "./bounds.js";
import { beginCapture, droppedSentence } from "./capture.js";
import { checksOf, tellChecks } from "./checks.js";
import { complain, sentenceOf } from "./complaints.js";
import { filterComplaint } from "./filter-complaint.js";
import type { CommandLine } from "./options.js";
import { inputOf } from "./plain-bounds.js";
import { showProgress } from "./progress-line.js";
import type { Format } from "./report-options.js";
import { ReportError, ReportStream } from "./report-stream.js";
import { isOfRows, rowWriterOf } from "./row-formats.js";
import { catchSignals, type Interruption } from "./signals.js";
import { textMedium } from "./terminal.js";
import { startThreads, threadsFor } from "./threads.js";
import { PROGRAM, programVersion } from "./version.js";
import { keepYoungGenerationSmall } from "./young-generation.js";

/** Connections listed where the command line does not say how many. */
const LISTED = { text: 20, json: 1000, markdown: 20, html: MOST_LISTED } as const;

/** Formats that list some connections. */
type Listing = keyof typeof LISTED;

/** How long reading may go on after a signal before the report is made of what is there. */
const STOP_WITHIN_MS = 1000;

const STATUS_UNREADABLE = 1;
const STATUS_USAGE = 2;
const STATUS_CHECK_HOLDS = 3;
const STATUS_WITH_ERRORS = 4;

/** Makes the report that the command line asks for; the exit status. */
export async function report(line: CommandLine, format: Exclude<Format, "ui">): Promise<number> {
  if (format === "html" && line.output === null && process.stdout.isTTY === true) {
    complain(`${PROGRAM}: an HTML report is for a browser: write it to a file with -o FILE.html`);
    return STATUS_USAGE;
  }
  const following = line.follow ? new AbortController() : null;
  // The first signal is the end of what is followed, and the report is whole.
  const interruption = catchSignals(following);
  try {
    return await reportCaught(line, format, interruption);
  } catch (error) {
    const complaint = filterComplaint(error);
    if (complaint !== null) {
      process.stderr.write(complaint);
      return STATUS_USAGE;
    }
    const status = interruption.status();
    if (error instanceof ReportError) {
      complain(`${line.output ?? "standard output"}: ${error.message}`);
      return status ?? STATUS_UNREADABLE;
    }
    const sentence = sentenceOf(error);
    if (sentence === null) throw error;
    complain(sentence);
    return status ?? STATUS_UNREADABLE;
  } finally {
    interruption.release();
  }
}

async function reportCaught(
  line: CommandLine,
  format: Exclude<Format, "ui">,
  interruption: Interruption,
): Promise<number> {
  // A check that is wrong is told before anything is read.
  checksOf(line.checks);
  let stream: ReportStream | null = null;
  const rows = line.segments ? null : await rowWriterOf(format);
  const writeSegment = (row: SegmentRow): void | Promise<void> =>
    stream?.write(format === "ndjson" ? segmentJson(row) : segmentLine(row));
  const options = {
    keep: keptConnections(line, format),
    ...analysisBounds(line),
    ...(interruption.follow ? { follow: interruption.follow } : {}),
    ...(line.segments ? { onSegment: writeSegment } : {}),
    ...(rows && {
      onFinished: (record: ConnectionRecord) => rows.write(stream!, record),
      onAmended: (amendment: Amendment) => rows.amend(stream!, amendment),
    }),
  };
  const threads = await threadsFor(line, format);
  const opening = open(line, options, threads, interruption);
  const opened = await Promise.race([opening, stopped(interruption)]);
  // A signal before there was anything to report.
  if (opened === null) return interruption.status()!;
  const { analysis } = opened;
  // Only now: an input that cannot be read leaves an older report as it was.
  stream = openReport(line, opened.output);
  if (stream === null) return STATUS_USAGE;
  if (line.segments && format === "text") await stream.write(SEGMENT_HEADER);
  await rows?.begin(stream);
  await run(
    analysis,
    threads > 1 ? never() : overdue(interruption.signal),
    line,
    format,
    interruption,
  ).finally(opened.end);
  if (line.connection !== null) {
    const ladder = await ladderOf(analysis, line.connection);
    if (ladder === null) return STATUS_USAGE;
    await stream.write(connectionText(ladder, line, format));
  } else if (!isOfRows(format) && !line.segments) await writeReport(stream, analysis, line, format);
  await rows?.end(stream);
  await stream.end();
  if (rows !== null && rows.changed > 0) complain(changedWords(rows.changed, line.output));
  return status(analysis, line, format, interruption);
}

async function open(
  line: CommandLine,
  options: OpenOptions,
  threads: number,
  interruption: Interruption,
): Promise<Opened> {
  if (line.capture !== null) {
    const { opened, output } = await beginCapture(line.capture, line.output, async (order) => {
      const live = await openLiveAnalysis(order, options);
      const { metrics } = line.capture!;
      const { goBesideCapture } = await import("../host/beside-capture.js");
      try {
        const end = await goBesideCapture(live.analysis, { metrics, writeAddress: wordsText });
        return { ...live, end };
      } catch (error) {
        await live.analysis.discard();
        throw error;
      }
    });
    interruption.endInstead(opened.stop);
    return { analysis: opened.analysis, output, end: opened.end };
  }
  const analysis = await (threads > 1
    ? openAnalysisInParts(line.files, options, threads, startThreads(line.files, inputOf(line)))
    : openAnalysis(line.files, options));
  return { analysis, output: null, end: () => undefined };
}

/** An input that is ready to be read, and the descriptor of the report's file where that is open already. */
interface Opened {
  readonly analysis: ReportedAnalysis;
  readonly output: number | null;
  /** Ends what goes on beside it. */
  end(): void;
}

function openReport(line: CommandLine, descriptor: number | null): ReportStream | null {
  try {
    return new ReportStream(line.output, line.files, descriptor);
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    complain(`${line.output}: ${error.message}`);
    return null;
  }
}

async function run(
  analysis: ReportedAnalysis,
  overdue: Promise<void>,
  line: CommandLine,
  format: Format,
  interruption: Interruption,
): Promise<void> {
  const isStreamed = isOfRows(format) || line.segments;
  if (isStreamed) keepYoungGenerationSmall();
  const isStreamingToScreen = isStreamed && line.output === null && process.stdout.isTTY === true;
  const hideProgress = isStreamingToScreen ? () => undefined : showProgress(() => analysis.progress());
  try {
    await Promise.race([analysis.run(interruption.signal), overdue]);
  } finally {
    hideProgress();
  }
}

/** Gives null once a signal came. */
function stopped({ signal }: Interruption): Promise<null> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}

/** Settles where reading does not stop though it was told to: a pipe through which nothing comes any more. */
function overdue(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => setTimeout(resolve, STOP_WITHIN_MS), { once: true });
  });
}

/** Threads read files alone, which never keep anybody waiting; none of them may be left out of the report. */
function never(): Promise<void> {
  return new Promise(() => undefined);
}

function keptConnections(line: CommandLine, format: Exclude<Format, "ui">): "all" | "none" | number {
  if (line.connection !== null) return "all";
  if (isOfRows(format) || line.segments) return "none";
  return listedConnections(line, format);
}

function listedConnections(line: CommandLine, format: Listing): number | "all" {
  return line.connections ?? LISTED[format];
}

async function writeReport(
  stream: ReportStream,
  analysis: ReportedAnalysis,
  line: CommandLine,
  format: Listing,
): Promise<void> {
  const summary = analysis.summary();
  const listed = listedConnections(line, format);
  if (format === "text") await stream.write(textReport(summary, analysis.worst(listed), textMedium(line)));
  else if (format === "markdown")
    await stream.write(markdownReport(summary, analysis.worst(listed), line.relative));
  else {
    const connections = analysis.eachWorst(listed);
    const pieces =
      format === "json"
        ? jsonDocument(summary, connections, generator())
        : htmlDocument(summary, connections, await laddersFor(analysis, line, listed), generator());
    for (const piece of pieces) await stream.write(piece);
  }
}

/** The segments of the worst connections that an HTML report lists, as many as it has room for. */
function laddersFor(
  analysis: ReportedAnalysis,
  line: CommandLine,
  listed: number | "all",
): Promise<readonly Ladder[]> {
  return analysis.ladders(connectionsInDetail(analysis.eachWorst(listed), line.htmlDetailBytes));
}

async function ladderOf(analysis: ReportedAnalysis, id: string): Promise<Ladder | null> {
  try {
    return await analysis.ladder(id);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    complain(`${PROGRAM}: no connection has the id ${id}; an id is the number of a connection's first frame`);
    const missing = unkeptNote(analysis.kept);
    if (missing !== null) complain(`${PROGRAM}: ${missing}`);
    return null;
  }
}

function connectionText(ladder: Ladder, line: CommandLine, format: Exclude<Format, "ui">): string {
  return format === "json" ? jsonConnection(ladder, generator()) : connectionReport(ladder, textMedium(line));
}

function generator(): { readonly name: string; readonly version: string } {
  return { name: PROGRAM, version: programVersion() };
}

/** What rows could not say any more that are written as connections end. */
function changedWords(count: number, output: string | null): string {
  const rows = count === 1 ? "1 row" : `${count} rows`;
  return `${output ?? PROGRAM}: ${rows} changed in some field after being written, by what other connections showed; --ndjson tells which`;
}

/** What `--segments` could not say any more in the lines that it is of. */
function lateWords(count: number): string {
  const what = count === 1 ? "1 revision of a segment" : `${count} revisions of segments`;
  return `${what} came more than 2 s of capture time later (lateAmendments): the lines written before do not say so`;
}

/** The exit status after a report was written; says on standard error what kept it from being whole. */
function status(
  analysis: ReportedAnalysis,
  line: CommandLine,
  format: Format,
  interruption: Interruption,
): number {
  const fatal = analysis.summary().problems.filter((problem) => problem.isFatal);
  const isReadHere = format === "text" && line.output === null && process.stdout.isTTY === true;
  // On a terminal the report itself has said so just now.
  if (!isReadHere || line.connection !== null) for (const problem of fatal) complain(problem.sentence);
  const dropped = droppedSentence(analysis.progress());
  if (dropped !== null) complain(dropped);
  const { unfollowedRecords } = analysis.summary();
  if (unfollowedRecords > 0)
    complain(
      `${PROGRAM}: ${unfollowedRecords} records may have changed since they were written: too many to amend`,
    );
  if (analysis.lateAmendments > 0) complain(`${PROGRAM}: ${lateWords(analysis.lateAmendments)}`);
  const interrupted = interruption.status();
  if (interrupted !== null) {
    if (!analysis.summary().isComplete) complain(`${PROGRAM}: stopped before the end; the report is partial`);
    return interrupted;
  }
  // All that hold are told, whatever the status.
  const holds = tellChecks(checksOf(line.checks), analysis.summary());
  if (fatal.length > 0) return STATUS_WITH_ERRORS;
  return holds ? STATUS_CHECK_HOLDS : 0;
}
