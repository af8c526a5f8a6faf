/**
 * A packet's name in one number: the input file and the frame in it.
 *
 * Every place that remembers a packet keeps such a number: two files have a frame 7 each. As text a name is "frame", or
 * "file:frame" where several files were read; where a report says a frame, it is the plain number of a single file.
 */
import type { Frame } from "../report/frame.js";
import type { ConnectionColumns } from "./columns.js";

/** Frames of one file stay below this, file numbers below 2^17: transition-log.ts has 50 bits for a name. */
const FRAMES = 2 ** 33;

/** The name as one number; never 0, for frames count from 1. Of the first file it is the frame, without a product. */
export function packetName(file: number, frame: number): number {
  return file === 0 ? frame : file * FRAMES + frame;
}

/** Name of the connection's first packet. */
export function nameOf(columns: ConnectionColumns, connection: number): number {
  return packetName(columns.file[connection]!, columns.frame[connection]!);
}

/** The frame as reports say it, from the number; null for 0, no packet. */
export function frameOf(fileNames: readonly string[], name: number): Frame | null {
  if (name === 0) return null;
  return fileNames.length > 1 ? idOfName(fileNames, name) : name % FRAMES;
}

/** The name as reports give it: an id. */
export function idOf(fileNames: readonly string[], file: number, frame: number): string {
  return fileNames.length > 1 ? `${fileNames[file]}:${frame}` : `${frame}`;
}

/** The same, from the number. */
export function idOfName(fileNames: readonly string[], name: number): string {
  return idOf(fileNames, Math.floor(name / FRAMES), name % FRAMES);
}
