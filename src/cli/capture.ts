/**
 * Begins a capture for a report or a screen: opens what is written to, then the interface, then gives up root.
 */
import { closeSync, constants, fchownSync, fstatSync, openSync } from "node:fs";
import {
  type Analysis,
  type AnalysisOptions,
  formatCount,
  openLiveAnalysis,
  type Progress,
  SourceError,
} from "../index.js";
import type { CaptureLine } from "./capture-options.js";
import { asUser, giveUpRoot, type LesserUser, lesserUser } from "./privileges.js";
import { sentenceOfSystem } from "./report-stream.js";

export interface BegunCapture {
  readonly analysis: Analysis;
  /** Ends the capture in good order. */
  stop(): void;
}

const PRIVATE = 0o600;

/** Opens all and gives up root. Throws `CaptureError` or `SourceError`, whose message is one plain sentence. */
export async function beginCapture(
  line: CaptureLine,
  options: Partial<AnalysisOptions>,
): Promise<BegunCapture> {
  const user = lesserUser();
  const file = line.write === null ? null : openCaptureFile(line.write, user);
  const { write: _, ...order } = line;
  try {
    const begun = await openLiveAnalysis({ ...order, file, user: user?.name ?? null }, options);
    if (user !== null) giveUpRoot(user);
    return begun;
  } catch (error) {
    if (file !== null) closeSync(file);
    throw error;
  }
}

/**
 * Opens the file that packets are written to. Who called sudo opens it with his own rights. For root a file is made anew,
 * or one that is root's alone is taken: a link that somebody else has laid is never followed.
 */
export function openCaptureFile(path: string, user: LesserUser | null): number {
  try {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    if (user === null) return checkedFile(openSync(path, O_WRONLY | O_CREAT, PRIVATE), path, null);
    if (user.isCaller)
      return asUser(user, () => checkedFile(openSync(path, O_WRONLY | O_CREAT, PRIVATE), path, null));
    let descriptor: number;
    try {
      descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, PRIVATE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      descriptor = checkedFile(openSync(path, O_WRONLY | O_NOFOLLOW), path, user);
    }
    fchownSync(descriptor, user.uid, user.gid);
    return descriptor;
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const isLink = (error as NodeJS.ErrnoException).code === "ELOOP";
    const why = isLink
      ? "is a symbolic link, which root does not follow; name the file itself"
      : sentenceOfSystem(error);
    throw new SourceError("cannot-write", path, why);
  }
}

/** The descriptor again; for root only where it is a regular file with one name, its own or the lesser user's. */
function checkedFile(descriptor: number, path: string, user: LesserUser | null): number {
  const stats = fstatSync(descriptor);
  const isOwn = stats.isFile() && stats.nlink === 1 && [0, user?.uid].includes(stats.uid);
  if (user === null || isOwn) return descriptor;
  closeSync(descriptor);
  throw new SourceError(
    "cannot-write",
    path,
    "is no file of root's own, and is not overwritten; name another",
  );
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
