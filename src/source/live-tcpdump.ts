/**
 * Captures with tcpdump as a child process, where libpcap cannot be loaded or only tcpdump has the right to capture.
 *
 * Each packet is written as it comes (`-U`), for a system call each. SIGUSR2, which has tcpdump write out what it gathered,
 * would be cheaper; with it the stream was found damaged once, at some 300,000 packets/s. Its handler may well flush in the
 * middle of a record that is being written; that was not proved.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import type { Readable } from "node:stream";
import {
  cannotCapture,
  interfaceDown,
  interfaceGone,
  noPermission,
  noSuchInterface,
  wrongFilter,
} from "./live-errors.js";
import { kernelFilters, wrongColumn } from "./live-filter.js";
import { type CaptureControl, type CaptureOrder, type CaptureSink, captureName } from "./live-order.js";

const LOOK_EVERY_MS = 50;
/** tcpdump has the kernel hand packets over after a second at the latest, and forgets on SIGINT what it has not got. */
const LAST_PACKETS_MS = 1100;
const MOST_ERROR_TEXT = 16_384;

/** tcpdump is not installed. */
export class NoTcpdump extends Error {
  override readonly name = "NoTcpdump";
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Captures until told to stop, or as long as the order says. Throws `SourceError`, or `NoTcpdump`. */
export async function captureWithTcpdump(
  order: CaptureOrder,
  control: CaptureControl,
  sink: CaptureSink,
): Promise<void> {
  const filters = kernelFilters(order.filter, order.hasTunnels);
  const own = order.filter?.trim() ?? "";
  const name = captureName(order);
  if (own !== "") refuseWrongFilter(name, own);
  for (const [index, filter] of filters.entries()) {
    const { text, hasBegun, status } = await runOnce(order, filter, control, sink);
    control.counts = countsIn(text);
    if (control.isStopped || status === 0) return;
    // An interface without Ethernet knows no tags: the filter that needs none is tried.
    if (!hasBegun && /VLAN|vlan/.test(text) && index + 1 < filters.length) continue;
    throw refusal(name, text);
  }
}

interface Ended {
  readonly text: string;
  readonly hasBegun: boolean;
  readonly status: number | null;
}

async function runOnce(
  order: CaptureOrder,
  filter: string,
  control: CaptureControl,
  sink: CaptureSink,
): Promise<Ended> {
  const child = spawn("tcpdump", argumentsFor(order, filter), { stdio: ["ignore", "pipe", "pipe"] });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? new NoTcpdump() : error),
    );
    child.on("close", resolve);
  });
  // Whoever waits for it below may come too late to be told.
  closed.catch(() => undefined);
  let text = "";
  let hasBegun = false;
  let isEnding = false;
  let endsAt = Number.POSITIVE_INFINITY;
  child.stderr.setEncoding("utf8").on("data", (more: string) => {
    text = (text + more).slice(-MOST_ERROR_TEXT);
    hasBegun ||= text.includes("listening on");
  });
  const deadline = performance.now() + (order.durationSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const timer = setInterval(() => {
    // Before it listens, the signal would end it without a word.
    if (!hasBegun) return;
    const now = performance.now();
    if (!isEnding && (control.isStopped || now >= deadline)) {
      isEnding = true;
      endsAt = now + LAST_PACKETS_MS;
    }
    if (now >= endsAt) child.kill("SIGINT");
  }, LOOK_EVERY_MS);
  try {
    await passOn(child, filter, sink);
    const status = await closed;
    return { text, hasBegun, status: isEnding ? 0 : status };
  } finally {
    clearInterval(timer);
    child.kill("SIGKILL");
  }
}

async function passOn(child: Child, filter: string, sink: CaptureSink): Promise<void> {
  let isFirst = true;
  for await (const bytes of child.stdout) {
    if (isFirst) sink.begin([filter]);
    isFirst = false;
    sink.write(bytes as Uint8Array, 0);
  }
}

function argumentsFor(order: CaptureOrder, filter: string): string[] {
  const args = ["-i", captureName(order), "-n", "-U", "-w", "-", "-s", `${order.snapLength}`];
  args.push("--time-stamp-precision=nano", "-B", `${Math.max(1, Math.round(order.bufferBytes / 1024))}`);
  if (!order.isPromiscuous) args.push("-p");
  if (order.packets !== null) args.push("-c", `${order.packets}`);
  if (order.user !== null) args.push("-Z", order.user);
  return filter === "" ? args : [...args, "--", filter];
}

function refuseWrongFilter(name: string, filter: string): void {
  const complaint = complaintAbout(filter);
  if (complaint === null) return;
  throw wrongFilter(
    name,
    filter,
    complaint,
    wrongColumn(filter, (part) => complaintAbout(part) === null),
  );
}

/** What tcpdump says of a filter without capturing, or null where it is right. */
function complaintAbout(filter: string): string | null {
  const { status, stderr, error } = spawnSync("tcpdump", ["-y", "EN10MB", "-d", "--", filter], {
    encoding: "utf8",
  });
  if (error) throw new NoTcpdump();
  return status === 0 ? null : lastWords(stderr);
}

/** The last line of what it said, without its own name in front. */
function lastWords(text: string): string {
  const line = text.trim().split("\n").at(-1) ?? "";
  return line.replace(/^tcpdump: /, "");
}

function refusal(name: string, text: string): Error {
  if (/permission|not permitted/i.test(text)) return noPermission(name);
  if (/No such device/i.test(text)) return noSuchInterface(name);
  if (/disappeared|went down/i.test(text)) return interfaceGone(name);
  if (/not up|Network is down/i.test(text)) return interfaceDown(name);
  return cannotCapture(name, `tcpdump could not capture (${lastWords(text)})`);
}

/** What tcpdump counted, by its last words. */
function countsIn(text: string) {
  const number = (what: string) => Number(new RegExp(`(\\d+) packets? ${what}`).exec(text)?.[1] ?? 0);
  return {
    received: number("received by filter"),
    droppedByKernel: number("dropped by kernel"),
    droppedByInterface: number("dropped by interface"),
  };
}
