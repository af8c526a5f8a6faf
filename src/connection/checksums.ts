/**
 * Which segments are left out because they were damaged on the way: their receiver dropped them, so nothing of them happened
 * (RFC 9293 §3.1, RFC 1122 §4.2.2.7).
 *
 * A path that damages more than one segment in eight carries no connection. Where so many checksums are wrong the capture
 * was rewritten (addresses made anonymous, translated after the checksum was read): they are counted, and count as sent.
 */
import { isDamage } from "../report/damage.js";
import type { ChecksumVerdict } from "../report/view.js";
import { RIGHT, UNCOMPUTED, verifyChecksum, WRONG } from "../wire/checksum.js";
import type { Segment } from "../wire/segment.js";
import type { Connections } from "./connections.js";
import { packetName } from "./packet-names.js";

export class Checksums {
  right = 0;
  uncomputed = 0;
  wrong = 0;
  /** Those of the wrong ones that were left out. */
  leftOut = 0;
  /** The checksum of the last segment that was verified is wrong. */
  isWrong = false;

  /** Verifies the segment, whose packet still stands in its buffer; returns whether it counts as sent. */
  verify(segment: Segment): boolean {
    const verdict = verifyChecksum(segment);
    this.isWrong = verdict === WRONG;
    if (verdict === RIGHT) this.right++;
    else if (verdict === UNCOMPUTED) this.uncomputed++;
    if (verdict !== WRONG) return true;
    this.wrong++;
    if (!isDamage(this)) return true;
    this.leftOut++;
    return false;
  }
}

/** Counts a segment whose checksum is wrong, where its connection is known: its ports may be what was damaged. */
export function noteWrongChecksum(connections: Connections, segment: Segment): void {
  const row = connections.find(segment, 0);
  if (row < 0) return;
  const at = connections.rareRow(row);
  const { rare } = connections;
  if (rare.badChecksums[at]!++ === 0) rare.firstBadChecksum[at] = packetName(segment.file, segment.number);
}

const VERDICTS: Readonly<Record<number, ChecksumVerdict>> = {
  [RIGHT]: "right",
  [UNCOMPUTED]: "uncomputed",
  [WRONG]: "wrong",
};

/** What the checksum of a segment says, whose packet still stands in its buffer, for its row in a ladder. */
export function checksumVerdict(segment: Segment): ChecksumVerdict {
  return VERDICTS[verifyChecksum(segment)] ?? null;
}
