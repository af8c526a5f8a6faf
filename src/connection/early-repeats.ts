/**
 * What handshakes repeated, until it is known whether the connection is a second sight of another one.
 *
 * A repeat counts in the timeline at once. A connection under two four-tuples (translated-connections.ts) is told when
 * its handshake is complete, or at its end: what its second sight repeated until then is taken back. Only handshakes
 * that repeat stand here, and no more than `MOST_HANDSHAKES`.
 */

/** Handshakes under way whose repeats are remembered; those of any more stay in the timeline. */
const MOST_HANDSHAKES = 65_536;
/** Repeats remembered of one: kernels give up long before. */
const MOST_REPEATS = 32;

/** When something was sent again, in nanoseconds, and why: an index into `REPEAT_REASONS`. */
export interface Repeat {
  readonly atNs: number;
  readonly reason: number;
}

export class EarlyRepeats {
  /** By connection. */
  readonly #repeats = new Map<number, Repeat[]>();

  note(connection: number, repeat: Repeat): void {
    const repeats = this.#repeats.get(connection);
    if (repeats) {
      if (repeats.length < MOST_REPEATS) repeats.push(repeat);
    } else if (this.#repeats.size < MOST_HANDSHAKES) this.#repeats.set(connection, [repeat]);
  }

  /** It is decided what the connection is: its repeats, which are forgotten here. */
  take(connection: number): readonly Repeat[] {
    if (this.#repeats.size === 0) return [];
    const repeats = this.#repeats.get(connection) ?? [];
    this.#repeats.delete(connection);
    return repeats;
  }
}
