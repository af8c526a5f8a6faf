/**
 * A small reader of pcap and pcapng for these tests alone (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng).
 *
 * It is written apart from the program's own readers, so that a slip in one does not hide a slip in the other. It stops
 * at the first record that cannot be right, as tshark does, and never guesses where the next one begins.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { decompress } from "fzstd";

/** One record of a capture, as plain data. */
export interface Frame {
  readonly number: number;
  readonly linkType: number;
  readonly start: number;
  readonly end: number;
  readonly originalLength: number;
}

export interface Frames {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly frames: readonly Frame[];
}

/** Most bytes that a record may claim to hold. */
const RECORD_MAX = 262144;

/** Reads a whole file; null where it is neither pcap nor pcapng. */
export function readFrames(path: string): Frames | null {
  let file: Uint8Array = readFileSync(path);
  if (file[0] === 0x1f && file[1] === 0x8b) file = gunzipSync(file, { finishFlush: 2 });
  else if (file[0] === 0x28 && file[1] === 0xb5 && file[2] === 0x2f && file[3] === 0xfd)
    file = decompress(file);
  const bytes = Uint8Array.from(file);
  const view = new DataView(bytes.buffer);
  const magic = bytes.length >= 24 ? view.getUint32(0) : 0;
  if (magic === 0x0a0d0d0a) return { bytes, view, frames: blocks(view) };
  for (const isLittle of [false, true]) {
    const value = bytes.length >= 24 ? view.getUint32(0, isLittle) : 0;
    if (value === 0xa1b2c3d4 || value === 0xa1b23c4d)
      return { bytes, view, frames: records(view, isLittle, 16) };
    if (value === 0xa1b2cd34) return { bytes, view, frames: records(view, isLittle, 24) };
  }
  return null;
}

function records(view: DataView, isLittle: boolean, headerLength: number): Frame[] {
  const frames: Frame[] = [];
  const linkType = view.getUint32(20, isLittle) & 0xffff;
  const isSwapped = view.getUint16(6, isLittle) < 3;
  for (let at = 24; at + headerLength <= view.byteLength; ) {
    let captured = view.getUint32(at + 8, isLittle);
    let original = view.getUint32(at + 12, isLittle);
    // Before version 2.3 the two lengths stood the other way round.
    if (isSwapped && captured > original) [captured, original] = [original, captured];
    const start = at + headerLength;
    if (captured > RECORD_MAX || start + captured > view.byteLength) break;
    frames.push({
      number: frames.length + 1,
      linkType,
      start,
      end: start + captured,
      originalLength: original,
    });
    at = start + captured;
  }
  return frames;
}

function blocks(view: DataView): Frame[] {
  const frames: Frame[] = [];
  let interfaces: { linkType: number; snapLength: number }[] = [];
  let isLittle = true;
  for (let at = 0; at + 12 <= view.byteLength; ) {
    if (view.getUint32(at) === 0x0a0d0d0a) {
      isLittle = view.getUint32(at + 8) === 0x4d3c2b1a;
      interfaces = [];
    }
    const kind = view.getUint32(at, isLittle);
    const length = view.getUint32(at + 4, isLittle);
    if (length < 12 || at + length > view.byteLength) break;
    const frame = { number: frames.length + 1, linkType: 0, start: 0, end: 0, originalLength: 0 };
    if (kind === 1) {
      interfaces.push({
        linkType: view.getUint16(at + 8, isLittle),
        snapLength: view.getUint32(at + 12, isLittle),
      });
    } else if (kind === 6 || kind === 2) {
      frame.linkType =
        interfaces[kind === 6 ? view.getUint32(at + 8, isLittle) : view.getUint16(at + 8, isLittle)].linkType;
      frame.start = at + 28;
      frame.end = at + 28 + view.getUint32(at + 20, isLittle);
      frame.originalLength = view.getUint32(at + 24, isLittle);
      frames.push(frame);
    } else if (kind === 3) {
      const { linkType, snapLength } = interfaces[0];
      frame.linkType = linkType;
      frame.originalLength = view.getUint32(at + 8, isLittle);
      frame.start = at + 12;
      frame.end = frame.start + Math.min(frame.originalLength, snapLength || RECORD_MAX, length - 16);
      frames.push(frame);
    }
    at += (length + 3) & ~3;
  }
  return frames;
}
