/**
 * What of a four-tuple does not fit a slot of the table: IPv6 addresses, the overlay network, a scope. A pool of places.
 */
import type { Segment } from "../wire/segment.js";

/** Words of a place: client address 0–3, server address 4–7, overlay with IP version, scope, hash. */
export const LONG = 11;
const OVERLAY = 8;
const SCOPE = 9;
const HASH = 10;

/** Beside the overlay's 25 bits: an IPv4 address and an IPv6 address never are the same. */
const IS_IPV6 = 1 << 30;

/** The overlay network and IP version of a segment in one word. */
export function networkOf(segment: Segment): number {
  return segment.ipVersion === 6 ? segment.overlayId | IS_IPV6 : segment.overlayId;
}

export class LongTuples {
  #words = new Int32Array(16 * LONG);
  #used = 0;
  readonly #free: number[] = [];

  /** Enters the tuple of `segment`, whose sender is the client (or the server where `isFromServer`); returns its place. */
  add(segment: Segment, scope: number, isFromServer: boolean, hash: number): number {
    const place = this.take();
    const words = this.#words;
    const at = place * LONG;
    const source = isFromServer ? at + 4 : at;
    const destination = isFromServer ? at : at + 4;
    words[source] = segment.source0;
    words[source + 1] = segment.source1;
    words[source + 2] = segment.source2;
    words[source + 3] = segment.source3;
    words[destination] = segment.destination0;
    words[destination + 1] = segment.destination1;
    words[destination + 2] = segment.destination2;
    words[destination + 3] = segment.destination3;
    words[at + OVERLAY] = networkOf(segment);
    words[at + SCOPE] = scope;
    words[at + HASH] = hash;
    return place;
  }

  /** A place of which nothing is known yet. */
  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if ((this.#used + 1) * LONG > this.#words.length) {
      const words = new Int32Array(this.#words.length * 2);
      words.set(this.#words);
      this.#words = words;
    }
    return this.#used++;
  }

  release(place: number): void {
    this.#free.push(place);
  }

  /** Side of the segment's sender (0 client, 1 server) where its tuple is this one, else -1. `ports`: client's above. */
  sideOf(place: number, ports: number, segment: Segment, scope: number): number {
    const words = this.#words;
    const at = place * LONG;
    if (words[at + OVERLAY] !== networkOf(segment) || words[at + SCOPE] !== scope) return -1;
    if (ports === ((segment.sourcePort << 16) | segment.destinationPort) && isSender(words, at, 0, segment))
      return 0;
    if (ports === ((segment.destinationPort << 16) | segment.sourcePort) && isSender(words, at, 4, segment))
      return 1;
    return -1;
  }

  addressWord(place: number, side: number, word: number): number {
    return this.#words[place * LONG + side * 4 + word]!;
  }

  /** Network identifier of the overlay + 1, or 0. */
  overlay(place: number): number {
    return this.#words[place * LONG + OVERLAY]! & ~IS_IPV6;
  }

  ipVersion(place: number): number {
    return this.#words[place * LONG + OVERLAY]! & IS_IPV6 ? 6 : 4;
  }

  scope(place: number): number {
    return this.#words[place * LONG + SCOPE]!;
  }

  hash(place: number): number {
    return this.#words[place * LONG + HASH]!;
  }

  copyOut(place: number, words: Int32Array, start: number): number {
    for (let word = 0; word < LONG; word++) words[start + word] = this.#words[place * LONG + word]!;
    return start + LONG;
  }

  copyIn(place: number, words: Int32Array, start: number): number {
    for (let word = 0; word < LONG; word++) this.#words[place * LONG + word] = words[start + word]!;
    return start + LONG;
  }
}

/** Whether the segment's sender has the address `first` words (0 client, 4 server) into the place, its receiver the other. */
function isSender(words: Int32Array, place: number, first: number, segment: Segment): boolean {
  const source = place + first;
  const destination = place + 4 - first;
  return (
    words[source] === segment.source0 &&
    words[destination] === segment.destination0 &&
    words[source + 3] === segment.source3 &&
    words[destination + 3] === segment.destination3 &&
    words[source + 1] === segment.source1 &&
    words[destination + 1] === segment.destination1 &&
    words[source + 2] === segment.source2 &&
    words[destination + 2] === segment.destination2
  );
}
