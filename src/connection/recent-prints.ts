/**
 * Fingerprints of the last packets of a side that is followed as a sender: up to 256, for copies that come late.
 */
import type { Segment } from "../wire/segment.js";
import type { Senders } from "./senders.js";

const LEAST = 16;
const MOST = 256;

/** A number that is the same for two packets whose headers are the same in all that a copy keeps. */
export function fingerprint(segment: Segment): number {
  // Products that do not wait for one another, unlike a chain of six.
  const h =
    Math.imul(segment.sequence, 0x9e3779b1) +
    Math.imul(segment.acknowledgment, 0x85ebca77) +
    Math.imul(segment.tsVal, 0xc2b2ae3d) +
    Math.imul(segment.tsEcr, 0x27d4eb2f) +
    Math.imul((segment.window << 16) | segment.flags, 0x165667b1) +
    Math.imul((segment.ipId << 16) | (segment.length & 0xffff), 0x2c1b3c6d);
  return (h ^ (h >>> 15)) | 0;
}

/** Places of a ring to which so many were added: it grows with them, so that it first turns at its largest. */
export function printsRoom(added: number): number {
  if (added === 0) return 0;
  return Math.min(MOST, Math.max(LEAST, 1 << (32 - Math.clz32(added - 1))));
}

export function addPrint(senders: Senders, sender: number, segment: Segment): void {
  const { printsAt, printsCount } = senders.columns;
  const count = printsCount[sender]!++;
  const room = printsRoom(count + 1);
  if (room > printsRoom(count)) {
    const at = senders.prints.take(room);
    if (count > 0) {
      senders.prints.move(printsAt[sender]!, at, count);
      senders.prints.release(printsAt[sender]!, printsRoom(count));
    }
    printsAt[sender] = at;
  }
  senders.prints.ints[printsAt[sender]! + (count & (room - 1))] = fingerprint(segment);
}

export function hasPrint(senders: Senders, sender: number, segment: Segment): boolean {
  const { printsAt, printsCount } = senders.columns;
  const { ints } = senders.prints;
  const print = fingerprint(segment);
  const start = printsAt[sender]!;
  const end = start + Math.min(printsCount[sender]!, MOST);
  for (let at = start; at < end; at++) {
    if (ints[at] === print) return true;
  }
  return false;
}

export function isNewestPrint(senders: Senders, sender: number, segment: Segment): boolean {
  const { printsAt, printsCount } = senders.columns;
  if (printsCount[sender] === 0) return false;
  const newest = printsAt[sender]! + ((printsCount[sender]! - 1) & (MOST - 1));
  return senders.prints.ints[newest] === fingerprint(segment);
}
