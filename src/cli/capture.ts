/**
 * Begins a capture for a report or a screen: opens what is written to, then the interface, then gives up root.
 */
import { closeSync, fstatSync, openSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type CaptureOrder,
  captureName,
  formatCount,
  type Progress,
  SourceError,
  writtenName,
} from "../index.js";
import type { CaptureLine } from "./capture-options.js";
import { type LastingFile, openLasting } from "./lasting-file.js";
import { asUser, giveUpRoot, type LesserUser, lesserUser } from "./privileges.js";

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
  const { write, fileBytes, fileSeconds, fileCount, metrics: _, ...order } = line;
  const ring = { bytes: fileBytes, seconds: fileSeconds, files: fileCount };
  const startMs = Date.now();
  const path = write === null ? null : writtenName({ path: write, ...ring }, 0, startMs);
  const files: LastingFile[] = [];
  const lasting = (path: string | null, mode: number): number | null => {
    if (path === null) return null;
    const file = openLasting(path, user, mode);
    files.push(file);
    return file.descriptor;
  };
  try {
    if (path !== null && (fileBytes ?? fileSeconds) !== null && user !== null)
      refuseForeignFolder(path, user);
    const file = lasting(path, PRIVATE);
    const report = lasting(output, ORDINARY);
    if (file !== null && report !== null && isSame(file, report))
      throw new SourceError("cannot-write", output!, "is written to by -w; name another file for the report");
    const written =
      file === null
        ? null
        : { descriptor: file, path: write!, interfaceName: captureName(order), startMs, ...ring };
    const opened = await open({ ...order, written, user: user?.name ?? null });
    if (user !== null) giveUpRoot(user);
    return { opened, output: report };
  } catch (error) {
    for (const file of files) file.discard();
    throw error;
  }
}

/** Further files of a ring are made when root is given up: where that user may not, it is told before anything begins. */
function refuseForeignFolder(path: string, user: LesserUser): void {
  const probe = join(dirname(path), `.tcpflow-analyze-${process.pid}`);
  try {
    asUser(user, () => {
      closeSync(openSync(probe, "wx"));
      unlinkSync(probe);
    });
  } catch {
    throw new SourceError(
      "cannot-write",
      path,
      `further files are made as the user ${user.name}, who may not write into this folder; name another one`,
    );
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
