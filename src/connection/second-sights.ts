/**
 * Repeats over time, less those of connections that are seen a second time under another tuple.
 *
 * A second sight stands in no figure, and its repeats do not either. It is told when its handshake is complete, or over:
 * what it repeated until then is taken back (early-repeats.ts). Connections go by the name of their first packet here, so
 * that it does not matter where their columns stand.
 */
import { type Connections, IS_MID_STREAM } from "./connections.js";
import { EarlyRepeats, type Repeat } from "./early-repeats.js";
import { type Handshake, TranslatedConnections } from "./translated-connections.js";

/** Who counts repeats, each with the name of its connection: with weight -1 one is taken back. */
export interface RepeatCount {
  addRepeat(repeat: Repeat, weight: 1 | -1, name: number): void;
}

export class SecondSights {
  readonly translated = new TranslatedConnections();
  readonly #count: RepeatCount;
  readonly #early = new EarlyRepeats();

  constructor(count: RepeatCount) {
    this.#count = count;
  }

  /** A segment of the connection was sent again; `isHandshaking`: its handshake is still under way. */
  repeat(name: number, isSecond: boolean, repeat: Repeat, isHandshaking: boolean): void {
    if (isSecond) return;
    this.#count.addRepeat(repeat, 1, name);
    if (isHandshaking) this.#early.note(name, repeat);
  }

  /**
   * Its handshake is complete, or over; `isComparable` where enough is known of it. Returns the name of the connection of
   * which it is a second sight, 0 for none; `isSecond`: that was told before.
   */
  handshake(handshake: Handshake, isComparable: boolean, isSecond: boolean): number {
    const earlier = isComparable ? this.translated.earlier(handshake) : 0;
    const repeats = this.#early.take(handshake.name);
    if (isSecond || earlier > 0)
      for (const repeat of repeats) this.#count.addRepeat(repeat, -1, handshake.name);
    return earlier;
  }
}

/** Whether the connection was seen from its beginning, and its handshake is not complete. */
export function isHandshaking(connections: Connections, connection: number): boolean {
  const isMidStream = (connections.columns.marks[connection]! & IS_MID_STREAM) !== 0;
  return !isMidStream && Number.isNaN(connections.endpoints.establishedAt[connection]!);
}
