/**
 * The part of the command line that says what to capture: its options, what they mean, and which do not go together.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Backend, CaptureOrder } from "../index.js";
import type { MetricsAddress } from "../metrics/serve.js";
// Not from the library: the command line is read before all of that is loaded.
import { BACKENDS } from "../source/live-order.js";

/** What is to be captured, and where packets are written to. */
export interface CaptureLine extends Omit<CaptureOrder, "written" | "user"> {
  /** File that packets are written to as they come, or null; and when another is begun, as in `WrittenOrder`. */
  readonly write: string | null;
  readonly fileBytes: number | null;
  readonly fileSeconds: number | null;
  readonly fileCount: number | null;
  /** Where figures are served for Prometheus; null: nowhere. */
  readonly metrics: MetricsAddress | null;
}

/** As commander gives them. */
export interface CaptureValues {
  readonly interface?: readonly string[];
  readonly backend?: Backend;
  readonly snaplen?: number;
  readonly buffer?: number;
  readonly promiscuous: boolean;
  readonly bpf?: string;
  readonly tunnels?: true;
  readonly duration?: number;
  readonly packets?: number;
  readonly write?: string;
  readonly fileSize?: number;
  readonly fileSeconds?: number;
  readonly fileCount?: number;
  readonly metrics?: MetricsAddress;
}

/** A ClientHello must fit, on a path with large frames as well. */
const SNAP_LENGTH = 2048;
const SNAP_LENGTH_MAX = 262_144;
const MIB = 1024 * 1024;
const BUFFER_MIB = 32;
const BUFFER_MIB_MAX = 2047;

export function addCaptureOptions(command: Command): Command {
  return command
    .option(
      "-i, --interface <NAME>",
      "capture from this interface (any: from all; may be repeated); Ctrl-C ends it with the report",
      (name: string, before: readonly string[] = []) => [...before, name],
    )
    .option("-D, --list-interfaces", "list the interfaces that can be captured from")
    .option("-w, --write <FILE>", "also write the captured packets to FILE (pcapng)")
    .option("-C, --file-size <MB>", "begin a new file of -w after so many million bytes", whole(1, 1_000_000))
    .option(
      "-G, --file-seconds <S>",
      "begin a new file of -w after so many seconds; %H%M%S in its name is its time",
      whole(1, 31_536_000),
    )
    .option(
      "-W, --file-count <N>",
      "with -C write over the oldest of N files, with -G end after N",
      whole(1, 99_999),
    )
    .option(
      "--metrics <[ADDR:]PORT>",
      "serve figures for Prometheus under /metrics, on this host alone unless an address is given",
      metricsAddress,
    )
    .option("--bpf <EXPR>", "capture only what matches, in libpcap's language; also behind --")
    .option("--tunnels", "also capture what may carry TCP inside of a tunnel: everything")
    .option("--duration <SECONDS>", "end the capture after so long", seconds)
    .option("--packets <N>", "end the capture after so many packets", whole(1, 999_999_999))
    .option("-s, --snaplen <BYTES>", "bytes kept of a packet (2048)", whole(64, SNAP_LENGTH_MAX))
    .option("--buffer <MIB>", "the kernel's buffer for packets, in MiB (32)", whole(1, BUFFER_MIB_MAX))
    .option("--no-promiscuous", "take only what is meant for this host")
    .addOption(
      new Option("--backend <NAME>", "what captures: libpcap, else tcpdump, unless told here").choices(
        BACKENDS,
      ),
    );
}

/** What the options say; null where no interface is named. `words` are a filter too. */
export function captureLineOf(values: CaptureValues, words: readonly string[]): CaptureLine | null {
  if (values.interface === undefined) return null;
  return {
    interfaceNames: values.interface,
    backend: values.backend ?? null,
    snapLength: values.snaplen ?? SNAP_LENGTH,
    bufferBytes: (values.buffer ?? BUFFER_MIB) * MIB,
    isPromiscuous: values.promiscuous,
    filter: values.bpf ?? (words.length > 0 ? words.join(" ") : null),
    hasTunnels: values.tunnels ?? false,
    durationSeconds: values.duration ?? null,
    packets: values.packets ?? null,
    write: values.write ?? null,
    fileBytes: values.fileSize === undefined ? null : values.fileSize * 1_000_000,
    fileSeconds: values.fileSeconds ?? null,
    fileCount: values.fileCount ?? null,
    metrics: values.metrics ?? null,
  };
}

/** What does not go together, in a sentence; null where all does. */
export function captureMisuseOf(
  values: CaptureValues,
  files: readonly string[],
  words: readonly string[],
): string | null {
  const { interface: names } = values;
  if (names === undefined) {
    const lone = (
      [
        "write",
        "fileSize",
        "fileSeconds",
        "fileCount",
        "metrics",
        "bpf",
        "tunnels",
        "duration",
        "packets",
        "snaplen",
        "buffer",
        "backend",
      ] as const
    ).find((option) => values[option] !== undefined);
    if (lone === undefined && values.promiscuous) return null;
    return `--${dashed(lone ?? "no-promiscuous")} is for capturing, and needs an interface: -i NAME`;
  }
  if (names.some((name) => name === "" || /[/\s]/.test(name)))
    return "-i needs the name of an interface; -D lists them";
  if (new Set(names).size < names.length) return "an interface is captured from once; -i names one twice";
  if (names.length > 1 && names.includes("any")) return "-i any captures from all interfaces already";
  if (files.length > 0)
    return "-i captures, and reads no file; a filter stands behind --, as in: -i eth0 -- port 443";
  if (values.bpf !== undefined && words.length > 0) return "a filter stands either in --bpf or behind --";
  const { write, fileSize, fileSeconds, fileCount } = values;
  if (write === undefined && (fileSize ?? fileSeconds ?? fileCount) !== undefined)
    return "-C, -G and -W say how -w goes on in further files: name the first with -w FILE";
  if (fileCount !== undefined && fileSize === undefined && fileSeconds === undefined)
    return "-W says how many files -C or -G write: give one of them too";
  return write === "" ? "a file name is empty" : null;
}

/** "file-size" for fileSize. */
function dashed(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** "9100", "0.0.0.0:9100" or "[::]:9100". */
function metricsAddress(text: string): MetricsAddress {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]:|([^:[\]]+):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits ?? 0);
  if (port < 1 || port > 65_535)
    throw new InvalidArgumentError("A port, or an address and a port, is expected: 9100 or 0.0.0.0:9100.");
  return { address: bracketed ?? plain ?? "127.0.0.1", port };
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,9}$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} is expected.`);
    return value;
  };
}

/** A number of seconds above 0. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || !(value > 0) || value > 1e6) {
    throw new InvalidArgumentError("A number of seconds above 0 is expected.");
  }
  return value;
}
