/**
 * The connections that somebody asked for: each is looked at when it is done, and the others stand in no figure.
 *
 * What is counted by the segment, before it is known whose it is, waits here until its connection is done.
 */
import type { ConnectionFilter } from "../report/view.js";
import { withFindings } from "./conclusions.js";
import { type DescribeContext, describeFacts } from "./describe.js";
import type { Repeat } from "./early-repeats.js";
import { nameOf } from "./packet-names.js";
import type { RepeatCount } from "./second-sights.js";

/** Repeats that wait, of all connections; one more and the timeline of repeats lacks it. */
const MOST_HELD = 2_000_000;

export class SelectedConnections implements RepeatCount {
  /** Connections that were looked at, whether they match or not. */
  total = 0;
  readonly #filter: ConnectionFilter;
  readonly #counts: RepeatCount;
  /** Names of those that match and are not final yet. */
  readonly #chosen = new Set<number>();
  /** By name: what it repeated, until it is final. */
  readonly #repeats = new Map<number, Repeat[]>();
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
    const matched = weight > 0 ? this.matches(context, connection) : this.#chosen.delete(name);
    if (!matched) return false;
    if (weight > 0) this.#chosen.add(name);
    for (const repeat of this.#repeats.get(name) ?? []) this.#counts.addRepeat(repeat, weight, name);
    return true;
  }

  matches(context: DescribeContext, connection: number): boolean {
    return isChosen(this.#filter, context, connection);
  }

  /** The connection with that name is final: nothing of it changes any more. */
  finish(name: number): void {
    this.#chosen.delete(name);
    this.#held -= this.#repeats.get(name)?.length ?? 0;
    this.#repeats.delete(name);
  }

  addRepeat(repeat: Repeat, weight: 1 | -1, name: number): void {
    if (this.#chosen.has(name)) this.#counts.addRepeat(repeat, weight, name);
    const repeats = this.#repeats.get(name) ?? [];
    if (weight < 0) {
      const at = repeats.findIndex(({ atNs, reason }) => atNs === repeat.atNs && reason === repeat.reason);
      if (at < 0) return;
      repeats.splice(at, 1);
      this.#held--;
    } else {
      if (this.#held === MOST_HELD) return;
      repeats.push(repeat);
      this.#held++;
      this.#repeats.set(name, repeats);
    }
  }
}

/** Whether the filter chooses the connection. */
export function isChosen(filter: ConnectionFilter, context: DescribeContext, connection: number): boolean {
  const record = describeFacts(context, connection);
  if (filter.readsFindings === false) return filter.matches(record);
  return filter.matches(withFindings(record, context.scene.conclusions?.namesToChooseBy(record)));
}
