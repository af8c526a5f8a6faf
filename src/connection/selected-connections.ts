/**
 * The connections that somebody asked for: each is looked at when it is done, and the others stand in no figure.
 *
 * What is counted by the segment, before it is known whose it is, waits here until its connection is done.
 */
import type { ConnectionFilter } from "../report/view.js";
import { type DescribeContext, describeConnection } from "./describe.js";
import { nameOf } from "./packet-names.js";
import type { RepeatCount } from "./second-sights.js";

/** Times of repeats that wait, of all connections; one more and the timeline of repeats lacks it. */
const MOST_HELD = 2_000_000;

export class SelectedConnections implements RepeatCount {
  /** Connections that were looked at, whether they match or not. */
  total = 0;
  readonly #filter: ConnectionFilter;
  readonly #counts: RepeatCount;
  /** Names of those that match and are not final yet. */
  readonly #chosen = new Set<number>();
  /** By name: when it repeated something, until it is final. */
  readonly #repeats = new Map<number, number[]>();
  #held = 0;

  /** `counts` hears of the repeats of those that match. */
  constructor(filter: ConnectionFilter, counts: RepeatCount) {
    this.#filter = filter;
    this.#counts = counts;
  }

  /** Whether the connection, which is done, matches; with weight -1 whether it did when it was counted. */
  count(context: DescribeContext, connection: number, weight: 1 | -1): boolean {
    const name = nameOf(context.connections.columns, connection);
    this.total += weight;
    const isChosen = weight > 0 ? this.matches(context, connection) : this.#chosen.delete(name);
    if (!isChosen) return false;
    if (weight > 0) this.#chosen.add(name);
    for (const atNs of this.#repeats.get(name) ?? []) this.#counts.addRepeat(atNs, weight, name);
    return true;
  }

  matches(context: DescribeContext, connection: number): boolean {
    return this.#filter.matches(describeConnection(context, connection));
  }

  /** The connection with that name is final: nothing of it changes any more. */
  finish(name: number): void {
    this.#chosen.delete(name);
    this.#held -= this.#repeats.get(name)?.length ?? 0;
    this.#repeats.delete(name);
  }

  addRepeat(atNs: number, weight: 1 | -1, name: number): void {
    if (this.#chosen.has(name)) this.#counts.addRepeat(atNs, weight, name);
    const times = this.#repeats.get(name) ?? [];
    if (weight < 0) {
      const at = times.indexOf(atNs);
      if (at < 0) return;
      times.splice(at, 1);
      this.#held--;
    } else {
      if (this.#held === MOST_HELD) return;
      times.push(atNs);
      this.#held++;
      this.#repeats.set(name, times);
    }
  }
}
