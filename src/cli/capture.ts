/**
 * Begins a capture for a report or a screen: opens what is written to, then the interface, then gives up root.
 */
import { fstatSync } from "node:fs";
import { type CaptureOrder, formatCount, type Progress, SourceError } from "../index.js";
import type { CaptureLine } from "./capture-options.js";
import { type LastingFile, openLasting } from "./lasting-file.js";
import { giveUpRoot, lesserUser } from "./privileges.js";

export interface BegunCapture<T> {
  readonly opened: T;
  /** Open descriptor of the report's file, whose old content still stands in it; null where there is none. */
  readonly output: number | null;
}

/** Of packets, which tell what people do; of reports, as the shell makes files. */
const PRIVATE = 0o600;
const ORDINARY = 0o666;

/**
 * Opens all, the interface by `open`, and gives up root. What was opened leaves no trace where something cannot be.
 * `output` is the report's file. Throws `CaptureError` or `SourceError`, whose message is one plain sentence.
 */
export async function beginCapture<T>(
  line: CaptureLine,
  output: string | null,
  open: (order: CaptureOrder) => Promise<T>,
): Promise<BegunCapture<T>> {
  const user = lesserUser();
  const { write, ...order } = line;
  const files: LastingFile[] = [];
  const lasting = (path: string | null, mode: number): number | null => {
    if (path === null) return null;
    const file = openLasting(path, user, mode);
    files.push(file);
    return file.descriptor;
  };
  try {
    const file = lasting(write, PRIVATE);
    const report = lasting(output, ORDINARY);
    if (file !== null && report !== null && isSame(file, report))
      throw new SourceError("cannot-write", output!, "is written to by -w; name another file for the report");
    const opened = await open({ ...order, file, user: user?.name ?? null });
    if (user !== null) giveUpRoot(user);
    return { opened, output: report };
  } catch (error) {
    for (const file of files) file.discard();
    throw error;
  }
}

function isSame(one: number, other: number): boolean {
  const [a, b] = [fstatSync(one), fstatSync(other)];
  return a.isFile() && a.dev === b.dev && a.ino === b.ino;
}

/** What was lost of a capture, in a sentence; null where nothing was. */
export function droppedSentence({ capturing, packets }: Progress): string | null {
  if (capturing === null || capturing.droppedPackets === 0) return null;
  const { name, droppedPackets } = capturing;
  const share = (100 * droppedPackets) / (droppedPackets + packets);
  return (
    `${name}: ${formatCount(droppedPackets)} packets (${share < 0.1 ? "<0.1" : share.toFixed(1)} %) were dropped, ` +
    "which came faster than they could be taken; a larger --buffer, a smaller --snaplen or a narrower --bpf helps"
  );
}
