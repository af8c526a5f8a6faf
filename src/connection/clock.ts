/**
 * The clock of the analysis: the capture's own time, which no single packet can set far ahead.
 *
 * It follows a later packet at once, unless that lies more than an hour ahead: then it waits for another packet near
 * that time. A pause of the capture is confirmed by the next packet; a damaged timestamp by none
 * (docs/decisions/0011-one-packet-does-not-set-the-clock.md). It never runs backwards.
 */
import { packetName } from "./packet-names.js";

/** Steps up to this need no confirmation. */
export const MOST_UNCONFIRMED_NS = 3600e9;

export class Clock {
  /** Nanoseconds since the capture's origin. */
  nowNs = 0;
  /** Packets that lay far ahead and that no other confirmed; the first of them (packet-names.ts), 0 for none. */
  jumps = 0;
  firstJump = 0;

  /** Time of the last packet that lay far ahead, while it may still be confirmed. */
  #doubtfulNs = Number.NEGATIVE_INFINITY;
  #firstBefore = 0;

  /** A packet was captured at `timeNs`, later than now. */
  follow(timeNs: number, file: number, frame: number): void {
    if (timeNs - this.nowNs <= MOST_UNCONFIRMED_NS) this.nowNs = timeNs;
    else if (Math.abs(timeNs - this.#doubtfulNs) <= MOST_UNCONFIRMED_NS) this.#confirm(timeNs);
    else this.#doubt(timeNs, packetName(file, frame));
  }

  #confirm(timeNs: number): void {
    this.nowNs = Math.max(timeNs, this.#doubtfulNs);
    this.#doubtfulNs = Number.NEGATIVE_INFINITY;
    this.jumps--;
    this.firstJump = this.#firstBefore;
  }

  #doubt(timeNs: number, name: number): void {
    this.#doubtfulNs = timeNs;
    this.jumps++;
    this.#firstBefore = this.firstJump;
    if (this.firstJump === 0) this.firstJump = name;
  }
}
