/**
 * The command line: what may stand there, what it means, and what is told to whoever wrote something else.
 *
 * Only options that work are listed. Nothing here opens a file, asks a terminal or ends the process.
 */
import { Command, CommanderError } from "commander";
import {
  addCaptureOptions,
  type CaptureLine,
  type CaptureValues,
  captureLineOf,
  captureMisuseOf,
  seconds,
} from "./capture-options.js";
import { count, threadCount } from "./option-values.js";
import {
  addReportOptions,
  formatsNamed,
  misuseOf,
  type ReportLine,
  type ReportValues,
  reportLineOf,
} from "./report-options.js";
import { PROGRAM } from "./version.js";

export interface CommandLine extends ReportLine {
  readonly files: readonly string[];
  /** What is captured, in place of files; null where files are read. */
  readonly capture: CaptureLine | null;
  /** Whether the file is read as it grows, until the program is told to stop. */
  readonly follow: boolean;
  /** Finished connections whose records stay in memory; more go to a temporary file. */
  readonly keep: number;
  /** Connections that may be open at once, 0 for any number. */
  readonly maxConnections: number;
  /** Silence after which an open connection counts as idle, in seconds. */
  readonly idleSeconds: number;
  /** Maximum segment lifetime in seconds (RFC 9293 §3.4.2). */
  readonly mslSeconds: number;
  /** Threads that follow connections, or null where the program decides. */
  readonly threads: number | null;
  /** Whether checksums are verified, and damaged segments left out. */
  readonly checksums: boolean;
}

/** What to do: run, or print something and end. */
export type Parsed =
  | { readonly kind: "run"; readonly line: CommandLine }
  | { readonly kind: "interfaces" }
  | { readonly kind: "explanation"; readonly of: string }
  | { readonly kind: "end"; readonly status: 0 | 2; readonly out: string; readonly error: string };

interface Values extends CaptureValues, ReportValues {
  readonly listInterfaces?: true;
  readonly explain?: string;
  readonly follow?: true;
  readonly keep?: number;
  readonly maxConnections: number;
  readonly idle: number;
  readonly msl: number;
  readonly threads?: number;
  readonly checksums?: true;
}

/** Finished connections kept in memory: of files, and of a capture, which may go on for days. */
const KEPT = 2_000_000;
const KEPT_LIVE = 100_000;

const USAGE = `Usage: ${PROGRAM} [options] FILE...   (FILE may be - for standard input)
       ${PROGRAM} -i INTERFACE [options] [-- FILTER]
       ${PROGRAM} --help`;

/** Reads the arguments after the program's name. Never throws for what a user may write. */
export function parseCommandLine(args: readonly string[], version: string): Parsed {
  let out = "";
  let error = "";
  const command = buildCommand(version).configureOutput({
    writeOut: (text) => void (out += text),
    writeErr: (text) => void (error += text),
    outputError: (text, write) => write(`${PROGRAM}: ${text.replace(/^error: /, "")}`),
  });
  try {
    command.parse([...args], { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return { kind: "end", status: 0, out, error };
    return { kind: "end", status: 2, out, error: `${error.trimEnd()}\n${USAGE}\n` };
  }
  const values = command.opts<Values>();
  if (values.listInterfaces) return { kind: "interfaces" };
  if (values.explain !== undefined) return { kind: "explanation", of: values.explain };
  const behind = wordsBehind(args, command.args);
  const files =
    values.interface === undefined ? command.args : command.args.slice(0, -behind.length || undefined);
  if (values.interface === undefined && files.length === 0)
    return wrongUsage("no capture file is named", `\n${USAGE}`);
  const misuse = captureMisuseOf(values, files, behind);
  return misuse === null ? checked(files, values, captureLineOf(values, behind)) : wrongUsage(misuse);
}

/** The words behind `--`, all of which are arguments. */
function wordsBehind(args: readonly string[], named: readonly string[]): readonly string[] {
  const at = args.indexOf("--");
  return at < 0 ? [] : named.slice(named.length - (args.length - at - 1));
}

function buildCommand(version: string): Command {
  const command = addReportOptions(described())
    .option(
      "-f, --follow",
      "read a file that is still written as it grows; Ctrl-C ends it, and the report is made",
    )
    .option(
      "--keep <N>",
      "finished connections kept in memory (2000000); more go to a temporary file; on the screens of a capture (100000) the oldest are forgotten",
      count,
    )
    .option(
      "--max-connections <N>",
      "connections open at once, by default in some 2 GB; one more, and the longest silent is told early (0: any number)",
      count,
      500_000,
    )
    .option("--idle <SECONDS>", "silence after which an open connection counts as idle", seconds, 300)
    .option("--msl <SECONDS>", "maximum segment lifetime; TIME_WAIT lasts twice as long", seconds, 30)
    .option(
      "--threads <N>",
      "threads that follow connections, for reports of files; 1 by default for small ones, else one less than there are processors",
      threadCount,
    )
    .option("--explain <FINDING>", "what a finding means and what to do about it (list: all of their names)")
    .option("--checksums", "verify TCP checksums; damaged segments count as never received");
  return addCaptureOptions(command)
    .version(version, "--version", "print the version")
    .helpOption("--help", "print this help")
    .addHelpText("after", HELP_AFTER);
}

function described(): Command {
  return new Command(PROGRAM)
    .exitOverride()
    .usage("[options] FILE...")
    .description(
      "Reads packet captures, or captures itself, and says how every TCP connection fared: how long its handshake took, what was sent again, who reset it, who never closed.",
    )
    .argument("[FILE...]", "pcap or pcapng, also gzip, zstd, lz4 or xz compressed; - reads standard input");
}

const HELP_AFTER = `
Several files are read as one capture, in the order of time.

Examples:
  ${PROGRAM} slow.pcapng
  ${PROGRAM} --text --connections all slow.pcapng > report.txt
  ${PROGRAM} --connection 812 slow.pcapng
  ${PROGRAM} --where 'host in 10.0.0.0/8 and rtt > 50ms' slow.pcapng
  ${PROGRAM} --extract 'finding = slow-server' -o some.pcap slow.pcapng
  ${PROGRAM} --check 'retransmissions.rate > 1%' slow.pcapng
  ssh host tcpdump -U -w - tcp | ${PROGRAM} --text -
  sudo ${PROGRAM} -i eth0 -w seen.pcapng -- port 443

Exit status:
  0    done
  1    the input could not be read at all
  2    wrong usage
  3    the condition of a --check holds
  4    read with errors: a cut or damaged capture; what is readable is reported
  130  interrupted (143 terminated, 129 hung up): the report is partial;
       a capture ends so in good order, with 0`;

function checked(files: readonly string[], values: Values, capture: CaptureLine | null): Parsed {
  const formats = formatsNamed(values);
  if (formats.length > 1)
    return wrongUsage(`only one format can be written at a time, not ${formats.join(" and ")}`);
  const format = formats[0] ?? null;
  if (files.filter((file) => file === "-").length > 1)
    return wrongUsage("standard input (-) can be read only once");
  if (files.includes("")) return wrongUsage("a file name is empty");
  const output = values.output === "-" ? null : (values.output ?? null);
  const misuse = misuseOf({ ...values, format, output }, files);
  if (misuse !== null) return wrongUsage(misuse);
  return {
    kind: "run",
    line: {
      files,
      capture,
      ...reportLineOf(values, format, output),
      follow: values.follow ?? false,
      keep: values.keep ?? (capture === null ? KEPT : KEPT_LIVE),
      maxConnections: values.maxConnections,
      idleSeconds: values.idle,
      mslSeconds: values.msl,
      threads: values.threads ?? null,
      checksums: values.checksums ?? false,
    },
  };
}

function wrongUsage(sentence: string, more = ""): Parsed {
  return { kind: "end", status: 2, out: "", error: `${PROGRAM}: ${sentence}${more}\n` };
}
