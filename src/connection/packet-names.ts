/**
 * A packet's name in one number: the input file and the frame in it.
 *
 * Tombs and columns keep such numbers of connections that are no longer in memory; as text a name is "frame", or
 * "file:frame" where several files were read.
 */

import type { Frame } from "../report/record.js";
import type { ConnectionColumns } from "./columns.js";

/** Frames of one file stay below this; file numbers below 2^17, so that a name fits into a double. */
const FRAMES = 2 ** 36;

/** The name as one number; never 0, for frames count from 1. */
export function packetName(file: number, frame: number): number {
  return file * FRAMES + frame;
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
