/**
 * When handshakes repeated something, until it is known whether the connection is a second sight of another one.
 *
 * A repeat counts in the timeline at once. A connection under two four-tuples (translated-connections.ts) is told when
 * its handshake is complete, or at its end: what its second sight repeated until then is taken back. Only handshakes
 * that repeat stand here, and no more than `MOST_HANDSHAKES`.
 */

/** Handshakes under way whose repeats are remembered; those of any more stay in the timeline. */
const MOST_HANDSHAKES = 65_536;
/** Repeats remembered of one: kernels give up long before. */
const MOST_REPEATS = 32;

export class EarlyRepeats {
  /** Times in nanoseconds, by connection. */
  readonly #times = new Map<number, number[]>();

  note(connection: number, atNs: number): void {
    const times = this.#times.get(connection);
    if (times) {
      if (times.length < MOST_REPEATS) times.push(atNs);
    } else if (this.#times.size < MOST_HANDSHAKES) this.#times.set(connection, [atNs]);
  }

  /** It is decided what the connection is: its times, which are forgotten here. */
  take(connection: number): readonly number[] {
    if (this.#times.size === 0) return [];
    const times = this.#times.get(connection) ?? [];
    this.#times.delete(connection);
    return times;
  }
}
