/**
 * The command line: what may stand there, what it means, and what is told to whoever wrote something else.
 *
 * Only options that work are listed. Nothing here opens a file, asks a terminal or ends the process.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import {
  addCaptureOptions,
  type CaptureLine,
  type CaptureValues,
  captureLineOf,
  captureMisuseOf,
  seconds,
} from "./capture-options.js";
import { PROGRAM } from "./version.js";

export const FORMATS = ["ui", "text", "json", "ndjson", "html"] as const;
export type Format = (typeof FORMATS)[number];

export interface CommandLine {
  readonly files: readonly string[];
  /** What is captured, in place of files; null where files are read. */
  readonly capture: CaptureLine | null;
  /** null where the command line leaves it to the terminal. */
  readonly format: Format | null;
  /** Where the report goes; null for standard output. */
  readonly output: string | null;
  /** How many connections a report lists; null for the format's own number. */
  readonly connections: number | "all" | null;
  /** Bytes of an HTML report for the connections of which it shows everything. */
  readonly htmlDetailBytes: number;
  /** Whether the file is read as it grows, until the program is told to stop. */
  readonly follow: boolean;
  /** The one connection to report, or null. */
  readonly connection: string | null;
  /** Which connections are told of, as it was written (query/); null for all. */
  readonly where: string | null;
  /** Of which connections the packets are written to `output`, in place of a report; null for a report. */
  readonly extract: string | null;
  /** Whether a line for each segment is written, instead of a report of connections. */
  readonly segments: boolean;
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
  readonly color: "auto" | "always" | "never";
}

/** What to do: run, or print something and end. */
export type Parsed =
  | { readonly kind: "run"; readonly line: CommandLine }
  | { readonly kind: "interfaces" }
  | { readonly kind: "end"; readonly status: 0 | 2; readonly out: string; readonly error: string };

interface Values extends CaptureValues {
  readonly listInterfaces?: true;
  readonly format?: Format;
  readonly text?: true;
  readonly json?: true;
  readonly ndjson?: true;
  readonly html?: true;
  readonly htmlDetail: number;
  readonly output?: string;
  readonly connections?: number | "all";
  readonly follow?: true;
  readonly connection?: string;
  readonly where?: string;
  readonly extract?: string;
  readonly segments?: true;
  readonly keep: number;
  readonly maxConnections: number;
  readonly idle: number;
  readonly msl: number;
  readonly threads?: number;
  readonly checksums?: true;
  readonly color: CommandLine["color"];
}

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
  const command = new Command(PROGRAM)
    .exitOverride()
    .usage("[options] FILE...")
    .description(
      "Reads packet captures, or captures itself, and says how every TCP connection fared: how long its handshake took, what was sent again, who reset it, who never closed.",
    )
    .argument("[FILE...]", "pcap or pcapng, also gzip, zstd, lz4 or xz compressed; - reads standard input")
    .addOption(
      new Option("--format <FORMAT>", "ui on a terminal, else text, unless told here").choices(FORMATS),
    )
    .option("--text", "the same as --format text")
    .option("--json", "the same as --format json: one document")
    .option("--ndjson", "the same as --format ndjson: one line a connection, as connections end")
    .option("--html", "the same as --format html: one file for a browser, to look at and to send")
    .option("--html-detail <MB>", "room in it for the packets of the worst connections", count, 20)
    .option(
      "-f, --follow",
      "read a file that is still written as it grows; Ctrl-C ends it, and the report is made",
    )
    .option("-o, --output <FILE>", "write the report to FILE")
    .option(
      "--connections <N|all>",
      "how many connections to list, worst first (text 20, json 1000, html 50000)",
      countOrAll,
    )
    .option("--connection <ID>", "report this connection alone, with its ladder diagram (text, json)")
    .option("--where <FILTER>", "only connections that match, as in: state = CLOSE_WAIT and rtt > 100ms")
    .option("--extract <FILTER>", "write the packets of the connections that match to -o FILE.pcap[ng]")
    .option("--segments", "a line for each segment: label, cause and evidence (text, ndjson)")
    .option(
      "--keep <N>",
      "finished connections kept in memory; more go to a temporary file",
      count,
      2_000_000,
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
    .option("--checksums", "verify TCP checksums; damaged segments count as never received")
    .addOption(
      new Option("--color <WHEN>", "colors in the text report")
        .choices(["auto", "always", "never"])
        .default("auto"),
    );
  return addCaptureOptions(command)
    .version(version, "--version", "print the version")
    .helpOption("--help", "print this help")
    .addHelpText("after", HELP_AFTER);
}

const HELP_AFTER = `
Several files are read as one capture, in the order of time.

Examples:
  ${PROGRAM} slow.pcapng
  ${PROGRAM} --text --connections all slow.pcapng > report.txt
  ${PROGRAM} --connection 812 slow.pcapng
  ${PROGRAM} --where 'host in 10.0.0.0/8 and rtt > 50ms' slow.pcapng
  ${PROGRAM} --extract 'finding = slow-server' -o some.pcap slow.pcapng
  ssh host tcpdump -U -w - tcp | ${PROGRAM} --text -
  sudo ${PROGRAM} -i eth0 -w seen.pcapng -- port 443

Exit status:
  0    done
  1    the input could not be read at all
  2    wrong usage
  4    read with errors: a cut or damaged capture; what is readable is reported
  130  interrupted (143 terminated, 129 hung up): the report is partial;
       a capture ends so in good order, with 0`;

function checked(files: readonly string[], values: Values, capture: CaptureLine | null): Parsed {
  const named = [
    values.format,
    values.text ? "text" : undefined,
    values.json ? "json" : undefined,
    values.ndjson ? "ndjson" : undefined,
    values.html ? "html" : undefined,
  ].filter((format): format is Format => format !== undefined);
  const formats = new Set(named);
  if (formats.size > 1)
    return wrongUsage(`only one format can be written at a time, not ${[...formats].join(" and ")}`);
  const format = named[0] ?? null;
  if (files.filter((file) => file === "-").length > 1)
    return wrongUsage("standard input (-) can be read only once");
  if (files.includes("")) return wrongUsage("a file name is empty");
  const output = values.output === "-" ? null : (values.output ?? null);
  const misuse = misuseOf({ ...values, format, output }, files);
  if (misuse !== null) return wrongUsage(misuse);
  const segments = values.segments ?? false;
  return {
    kind: "run",
    line: {
      files,
      capture,
      format: segments ? (format ?? "text") : format,
      output,
      connections: values.connections ?? null,
      htmlDetailBytes: values.htmlDetail * 1e6,
      follow: values.follow ?? false,
      connection: values.connection ?? null,
      where: values.where ?? null,
      extract: values.extract ?? null,
      segments,
      keep: values.keep,
      maxConnections: values.maxConnections,
      idleSeconds: values.idle,
      mslSeconds: values.msl,
      threads: values.threads ?? null,
      checksums: values.checksums ?? false,
      color: values.color,
    },
  };
}

/** Options that do not go together, in a sentence; null where all do. */
function misuseOf(
  values: Omit<Values, "format" | "output"> & {
    readonly format: Format | null;
    readonly output: string | null;
  },
  files: readonly string[],
): string | null {
  const { format, output, connection, segments, where, extract, connections } = values;
  if (values.interface !== undefined && connection !== undefined)
    return "--connection needs a file, which can be read twice: write one with -w, and ask for it afterwards";
  if (values.follow && (files.length > 1 || files[0] === "-"))
    return files.length > 1
      ? "--follow reads one file; several cannot be put in the order of time while they grow"
      : "standard input is read as it arrives; --follow is for files";
  if (extract !== undefined) {
    if (values.follow) return "--extract reads its input twice: a file that is followed has no end";
    if (values.interface !== undefined) return "--extract needs a file; -w writes what is captured";
    if (
      connection !== undefined ||
      segments ||
      where !== undefined ||
      connections !== undefined ||
      format !== null
    )
      return "--extract writes packets, and no report: leave the options of reports out";
    if (output === null) return "--extract needs a file to write packets to: -o FILE.pcap or -o FILE.pcapng";
    return files.includes("-") ? "--extract reads its input twice: standard input cannot be" : null;
  }
  if (format === "ui" && output !== null) return "-o needs a report: --text, --json, --ndjson or --html";
  if (connection !== undefined && (format === "ui" || format === "ndjson" || format === "html"))
    return "--connection is reported as --text or --json";
  if (segments && format !== null && format !== "text" && format !== "ndjson")
    return "--segments is written as --text or --ndjson";
  if (segments && (connection !== undefined || connections !== undefined))
    return "--segments lists the segments of all connections";
  if (where !== undefined && (connection !== undefined || segments)) {
    const other = segments ? "--segments lists the segments of all" : "--connection names one";
    return `--where selects connections; ${other}`;
  }
  if (connections !== undefined && (format === "ui" || format === "ndjson" || connection !== undefined)) {
    const why = connection === undefined ? `${format} holds all connections` : "--connection reports one";
    return `--connections has no meaning here: ${why}`;
  }
  return null;
}

function wrongUsage(sentence: string, more = ""): Parsed {
  return { kind: "end", status: 2, out: "", error: `${PROGRAM}: ${sentence}${more}\n` };
}

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("A whole number is expected.");
  return Number(text);
}

function threadCount(text: string): number {
  if (!/^\d{1,2}$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError("A whole number from 1 to 99 is expected.");
  return Number(text);
}

function countOrAll(text: string): number | "all" {
  if (text === "all") return "all";
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("A whole number or the word all is expected.");
  return Number(text);
}
