/**
 * Packets of some connections, byte for byte, in a capture file of their own.
 *
 * The capture is read twice: once to know which connections match, once for their packets. An input is never overwritten,
 * and what was begun of an output that cannot be finished is said.
 */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import {
  type CaptureFileFormat,
  compileFilter,
  extractPackets,
  formatNumberOf,
  OtherLinkType,
  openAnalysis,
  openCaptures,
  PacketSelection,
} from "../index.js";
import { analysisBounds } from "./bounds.js";
import { complain, sentenceOf } from "./complaints.js";
import { compiledOption, filterComplaint } from "./filter-complaint.js";
import type { CommandLine } from "./options.js";
import { inputOf } from "./plain-bounds.js";
import { showProgress } from "./progress-line.js";
import { openForReport, ReportError, sentenceOfSystem } from "./report-stream.js";
import { catchSignals } from "./signals.js";
import { PROGRAM } from "./version.js";

const STATUS_FAILED = 1;
const STATUS_USAGE = 2;
const STATUS_WITH_ERRORS = 4;

/** Writes the packets that the command line asks for; the exit status. */
export async function extract(line: CommandLine): Promise<number> {
  const interruption = catchSignals();
  const output = line.output!;
  try {
    const selection = new PacketSelection();
    const analysis = await openAnalysis(line.files, {
      ...analysisBounds(line),
      keep: "none",
      where: compiledOption("--extract", line.extract!, compileFilter),
      onFinished: (record) => selection.add(record),
    });
    const hideProgress = showProgress(() => analysis.progress());
    await analysis.run(interruption.signal).finally(hideProgress);
    const stopped = interruption.status();
    if (stopped !== null) {
      complain(`${PROGRAM}: stopped before any packet was written`);
      return stopped;
    }
    const { connections, filter, problems } = analysis.summary();
    const packets = await writePackets(line, selection, output);
    complain(
      `${output}: ${formatNumberOf(packets, "packet")} of ${connections} of ${formatNumberOf(filter?.connections ?? 0, "connection")}`,
    );
    const fatal = problems.filter(({ isFatal }) => isFatal);
    for (const { sentence } of fatal) complain(sentence);
    return fatal.length > 0 ? STATUS_WITH_ERRORS : 0;
  } catch (error) {
    const complaint = filterComplaint(error);
    if (complaint !== null) {
      process.stderr.write(complaint);
      return STATUS_USAGE;
    }
    if (error instanceof OtherLinkType) {
      complain(`${output}: the packets have several link types, and a pcap file has one; name it .pcapng`);
      return STATUS_USAGE;
    }
    const sentence = error instanceof ReportError ? `${output}: ${error.message}` : sentenceOf(error);
    if (sentence === null) throw error;
    complain(sentence);
    return error instanceof ReportError ? STATUS_USAGE : STATUS_FAILED;
  } finally {
    interruption.release();
  }
}

async function writePackets(line: CommandLine, selection: PacketSelection, path: string): Promise<number> {
  const capture = await openCaptures(line.files, inputOf(line));
  // Before anything is written over: the file may be an input.
  const stream = createWriteStream(path, { fd: openForReport(path, line.files) });
  const done = finished(stream);
  done.catch(() => undefined);
  try {
    const packets = await extractPackets(capture, selection, formatOf(path), async (piece) => {
      if (!stream.write(piece)) await Promise.race([once(stream, "drain"), done]);
    });
    stream.end();
    await done;
    return packets;
  } catch (error) {
    stream.destroy();
    if (error instanceof OtherLinkType || sentenceOf(error) !== null) throw error;
    throw new ReportError(sentenceOfSystem(error));
  }
}

function formatOf(path: string): CaptureFileFormat {
  return /\.pcapng$|\.ntar$/i.test(path) ? "pcapng" : "pcap";
}
