/**
 * The part of the command line that says what is reported: formats, which connections, how it is presented, and which of
 * these do not go together.
 */
import { type Command, Option } from "commander";
import type { Moment } from "../index.js";
import { count, countOrAll, moment, oneMore } from "./option-values.js";

export const FORMATS = ["ui", "text", "json", "ndjson", "csv", "markdown", "html", "parquet"] as const;
export type Format = (typeof FORMATS)[number];

/** Formats that list some connections. */
const LISTING: readonly Format[] = ["text", "json", "markdown", "html"];

/** What is reported, and how. */
export interface ReportLine {
  /** null where the command line leaves it to the terminal. */
  readonly format: Format | null;
  /** Where the report goes; null for standard output. */
  readonly output: string | null;
  /** How many connections a report lists; null for the format's own number. */
  readonly connections: number | "all" | null;
  /** Bytes of an HTML report for the connections of which it shows everything. */
  readonly htmlDetailBytes: number;
  /** The one connection to report, or null. */
  readonly connection: string | null;
  /** Which connections are told of, as it was written (query/); null for all. */
  readonly where: string | null;
  /** Of which connections the packets are written to `output`, in place of a report; null for a report. */
  readonly extract: string | null;
  /** Whether a line for each segment is written, instead of a report of connections. */
  readonly segments: boolean;
  /** Conditions on the capture that set the exit status, as they were written. */
  readonly checks: readonly string[];
  /** Only packets from then, and until then; null where there is no such end. */
  readonly from: Moment | null;
  readonly to: Moment | null;
  /** Whether reports say when connections began by the time since the capture's beginning, not by the time of day. */
  readonly relative: boolean;
  readonly color: "auto" | "always" | "never";
}

/** As commander gives them. */
export interface ReportValues {
  readonly format?: Format;
  readonly text?: true;
  readonly json?: true;
  readonly ndjson?: true;
  readonly csv?: true;
  readonly markdown?: true;
  readonly html?: true;
  readonly htmlDetail: number;
  readonly parquet?: true;
  readonly output?: string;
  readonly connections?: number | "all";
  readonly connection?: string;
  readonly where?: string;
  readonly extract?: string;
  readonly segments?: true;
  readonly check: readonly string[];
  readonly from?: Moment;
  readonly to?: Moment;
  readonly utc?: true;
  readonly relative?: true;
  readonly color: ReportLine["color"];
}

export function addReportOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--format <FORMAT>", "ui on a terminal, else text, unless told here").choices(FORMATS),
    )
    .option("--text", "the same as --format text")
    .option("--json", "the same as --format json: one document")
    .option("--ndjson", "the same as --format ndjson: one line a connection, as connections end")
    .option("--csv", "the same as --format csv: one row a connection, all of them")
    .option("--markdown", "the same as --format markdown: the text report as tables of Markdown")
    .option("--html", "the same as --format html: one file for a browser, to look at and to send")
    .option("--html-detail <MB>", "room in it for the packets of the worst connections", count, 20)
    .option("--parquet", "the same as --format parquet: one row a connection, all of them")
    .option("-o, --output <FILE>", "write the report to FILE")
    .option(
      "--connections <N|all>",
      "how many connections to list, worst first (text and markdown 20, json 1000, html 50000)",
      countOrAll,
    )
    .option("--connection <ID>", "report this connection alone, with its ladder diagram (text, json)")
    .option("--where <FILTER>", "only connections that match, as in: state = CLOSE_WAIT and rtt > 100ms")
    .option("--extract <FILTER>", "write the packets of the connections that match to -o FILE.pcap[ng]")
    .option("--segments", "a line for each segment: label, cause and evidence (text, ndjson)")
    .addOption(
      new Option(
        "--check <CONDITION>",
        "exit with 3 where it holds, as in: connectTime.p99 > 200ms; repeatable",
      )
        .argParser(oneMore)
        .default([], "none"),
    )
    .option(
      "--from <TIME>",
      "only packets from then: 2026-11-21T07:53:41Z, 07:53:41, 1763711621.5, +30s",
      moment,
    )
    .option("--to <TIME>", "only packets until then", moment)
    .option("--utc", "times of day in UTC, as they are unless told otherwise")
    .option("--relative", "times since the beginning in place of times of day (text, markdown)")
    .addOption(
      new Option("--color <WHEN>", "colors in the text report")
        .choices(["auto", "always", "never"])
        .default("auto"),
    );
}

/** What the options say; `format` and `output` as they were settled. */
export function reportLineOf(values: ReportValues, format: Format | null, output: string | null): ReportLine {
  const segments = values.segments ?? false;
  return {
    format: segments ? (format ?? "text") : format,
    output,
    connections: values.connections ?? null,
    htmlDetailBytes: values.htmlDetail * 1e6,
    connection: values.connection ?? null,
    where: values.where ?? null,
    extract: values.extract ?? null,
    segments,
    checks: values.check,
    from: values.from ?? null,
    to: values.to ?? null,
    relative: values.relative ?? false,
    color: values.color,
  };
}

/** The formats that are named, each once. */
export function formatsNamed(values: ReportValues): readonly Format[] {
  const short = FORMATS.filter((format) => format !== "ui" && values[format]);
  return [...new Set([...(values.format === undefined ? [] : [values.format]), ...short])];
}

/** What else the command line says that reports have to go together with. */
interface Settled extends Omit<ReportValues, "format" | "output"> {
  readonly format: Format | null;
  readonly output: string | null;
  readonly interface?: readonly string[];
  readonly follow?: true;
}

/** Options that do not go together, in a sentence; null where all do. */
export function misuseOf(values: Settled, files: readonly string[]): string | null {
  const { format, output, connection, segments, where, extract, connections } = values;
  if (values.interface !== undefined && connection !== undefined)
    return "--connection needs a file, which can be read twice: write one with -w, and ask for it afterwards";
  if (values.follow && (files.length > 1 || files[0] === "-"))
    return files.length > 1
      ? "--follow reads one file; several cannot be put in the order of time while they grow"
      : "standard input is read as it arrives; --follow is for files";
  if (extract !== undefined) return extractMisuseOf(values, files);
  if (format === "ui" && values.check.length > 0)
    return "--check needs a report: --text, --json or another format";
  if (format === "ui" && output !== null) return "-o needs a report: --text, --json or another format";
  if (connection !== undefined && format !== null && format !== "text" && format !== "json")
    return "--connection is reported as --text or --json";
  if (segments && format !== null && format !== "text" && format !== "ndjson")
    return "--segments is written as --text or --ndjson";
  if (segments && (connection !== undefined || connections !== undefined))
    return "--segments lists the segments of all connections";
  if (where !== undefined && (connection !== undefined || segments)) {
    const other = segments ? "--segments lists the segments of all" : "--connection names one";
    return `--where selects connections; ${other}`;
  }
  if (values.relative && values.utc) return "times are told either by --utc or by --relative";
  if (values.relative && format !== null && format !== "text" && format !== "markdown")
    return "--relative is for --text and --markdown; other formats hold both times";
  if ((values.from ?? values.to) !== undefined && values.interface !== undefined)
    return "--from and --to are for files; --duration ends a capture";
  if (connections !== undefined && connection !== undefined)
    return "--connections has no meaning here: --connection reports one";
  if (connections !== undefined && format !== null && !LISTING.includes(format))
    return `--connections has no meaning here: ${format} holds all connections`;
  return null;
}

function extractMisuseOf(values: Settled, files: readonly string[]): string | null {
  const { format, output, connection, segments, where, connections } = values;
  if (values.follow) return "--extract reads its input twice: a file that is followed has no end";
  if (values.interface !== undefined) return "--extract needs a file; -w writes what is captured";
  const isReport = [connection, segments, where, connections].some((option) => option !== undefined);
  if (isReport || format !== null || values.check.length > 0)
    return "--extract writes packets, and no report: leave the options of reports out";
  if (output === null) return "--extract needs a file to write packets to: -o FILE.pcap or -o FILE.pcapng";
  return files.includes("-") ? "--extract reads its input twice: standard input cannot be" : null;
}
