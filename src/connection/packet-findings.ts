/**
 * What comes to light of a packet while it, or a later one, is observed: listeners are told by its name.
 *
 * Of the packet that is observed now nothing stands in a listener's rows yet: it asks `isSpurious` when it makes the row.
 */
import type { Segment } from "../wire/segment.js";
import { packetName } from "./packet-names.js";
import type { Revisions } from "./revisions.js";

export abstract class PacketFindings implements Revisions {
  /** The segment that is observed now is a needless repeat. */
  isSpurious = false;
  #file = 0;
  #current = 0;

  /** The tracker is about to observe the segment: what it finds out is of packets of that file. */
  begin(segment: Segment): void {
    this.#file = segment.file;
    this.#current = segment.number;
    this.isSpurious = false;
  }

  spurious(row: number, frame: number): void {
    if (frame === this.#current) this.isSpurious = true;
    else this.foundSpurious(row, packetName(this.#file, frame));
  }

  revealed(row: number, frame: number, cause: number): void {
    this.foundCause(row, packetName(this.#file, frame), cause);
  }

  /** An earlier packet (packet-names.ts) of the endpoint at `row` was a needless repeat. */
  protected abstract foundSpurious(row: number, name: number): void;

  /** It was a repeat for this cause (CAUSES). */
  protected abstract foundCause(row: number, name: number, cause: number): void;
}
