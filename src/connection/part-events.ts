/**
 * What one part of an analysis says to the whole: the events that concern other connections too, as bytes, in the order of
 * packets.
 *
 * Where several threads follow the connections of a capture, each a part of them, what is counted of all, compared and
 * concluded is done in one place, as with a single thread, and in the same order. An event says what happened and at
 * which packet of the capture; where a connection is done it carries its packed columns (packed-connection.ts).
 *
 * An event: a byte for its kind, its packet as difference from the one before, what belongs to it. Each batch of events
 * can be read by itself.
 */
import { ByteCursor, MOST_NUMBER_BYTES } from "./byte-cursor.js";
import { beganAt } from "./columns.js";
import type { Connections } from "./connections.js";
import { MOST_PACKED_BYTES, pack } from "./packed-connection.js";
import { nameOf } from "./packet-names.js";
import { Handshake } from "./translated-connections.js";
import type { Unreachable } from "./unreachable.js";

/** A direction between two hosts was seen; one is told by the other alone (host-pairs.ts). */
export const SEEN = 1;
export const ONE_WAY = 2;
/** A segment that could have been copied, and a copy (systematic-copies.ts). */
export const ORIGINAL = 3;
export const COPY = 4;
/** A segment was sent again; a handshake is complete, or over (second-sights.ts). */
export const REPEAT = 5;
export const HANDSHAKE = 6;
/** A connection counts, or no longer; its record is final (sink.ts). */
export const COUNT = 7;
export const UNCOUNT = 8;
export const FINISH = 9;
/** A segment was lost, and was not (loss-bursts.ts). */
export const LOSS = 11;
export const NO_LOSS = 12;
/** After the end: what follows, up to the next of these, is of the connection that began then. */
export const LEFT = 10;

/** Bytes of a batch, and those that no event exceeds. */
const BATCH_BYTES = 2 ** 17;
const MOST_EVENT_BYTES = MOST_PACKED_BYTES + 4 * MOST_NUMBER_BYTES;

/** Takes a batch: the first `used` bytes of `bytes`, which are its own from then on; no event up to `packet` comes later. */
export type TakeBatch = (bytes: Uint8Array<ArrayBuffer>, used: number, packet: number) => void;

export class EventWriter {
  /** Number of the packet, from 1 over all files, at which the capture stands. */
  packet = 0;

  readonly #take: TakeBatch;
  readonly #handshake = new Handshake();
  #out = new ByteCursor(new Uint8Array(BATCH_BYTES));
  #lastPacket = 0;
  #lastNs = 0;

  constructor(take: TakeBatch) {
    this.#take = take;
  }

  seen(direction: number): void {
    this.#begin(SEEN).putNumber(direction, 0);
  }

  oneWay(pair: number): void {
    this.#begin(ONE_WAY).putNumber(pair, 0);
  }

  original(interfaceId: number, weight: 1 | -1): void {
    const out = this.#begin(ORIGINAL);
    out.putInteger(interfaceId, 0);
    out.putInteger(weight, 0);
  }

  copy(cell: number, weight: 1 | -1): void {
    const out = this.#begin(COPY);
    out.putInteger(cell, 0);
    out.putInteger(weight, 0);
  }

  repeat(name: number, atNs: number, reason: number, isHandshaking: boolean): void {
    const out = this.#begin(REPEAT);
    out.putNumber(name, 0);
    out.putNumber(atNs, 0);
    out.putByte(reason);
    out.putByte(isHandshaking ? 1 : 0);
  }

  loss(name: number, row: number, lostAtNs: number, frame: number): void {
    const out = this.#begin(LOSS);
    out.putNumber(name, 0);
    out.putInteger(row, 0);
    out.putNumber(lostAtNs, 0);
    out.putNumber(frame, 0);
  }

  noLoss(name: number, lostAtNs: number): void {
    const out = this.#begin(NO_LOSS);
    out.putNumber(name, 0);
    out.putNumber(lostAtNs, 0);
  }

  handshake(connections: Connections, connection: number): void {
    const seen = this.#handshake;
    const isComparable = seen.read(connections, connection);
    const out = this.#begin(HANDSHAKE);
    out.putByte(isComparable ? 1 : 0);
    out.putNumber(seen.name, 0);
    if (!isComparable) return;
    out.putNumber(seen.synAtNs, 0);
    out.putWord(seen.clientIsn);
    out.putWord(seen.serverIsn);
    out.putWord(seen.synTsVal);
    out.putWord(seen.synAckTsVal);
    out.putWord(seen.places);
  }

  /** COUNT, UNCOUNT or FINISH, at `nowNs`. */
  connection(
    kind: number,
    nowNs: number,
    connections: Connections,
    connection: number,
    unreachable: Unreachable | undefined,
  ): void {
    const out = this.#begin(kind);
    out.putNumber(nowNs, this.#lastNs);
    this.#lastNs = nowNs;
    pack(connections, connection, unreachable, out);
  }

  left(connections: Connections, connection: number): void {
    const out = this.#begin(LEFT);
    out.putNumber(beganAt(connections.endpoints, connection), 0);
    out.putNumber(nameOf(connections.columns, connection), 0);
  }

  /** Hands on what there is: no event up to this packet comes later. */
  flush(packet: number): void {
    const out = this.#out;
    this.#out = new ByteCursor(new Uint8Array(BATCH_BYTES));
    this.#lastPacket = 0;
    this.#lastNs = 0;
    this.#take(out.bytes as Uint8Array<ArrayBuffer>, out.at, packet);
  }

  #begin(kind: number): ByteCursor {
    // More events of this packet may follow.
    if (this.#out.at > BATCH_BYTES - MOST_EVENT_BYTES) this.flush(this.packet - 1);
    const out = this.#out;
    out.putByte(kind);
    out.putNumber(this.packet, this.#lastPacket);
    this.#lastPacket = this.packet;
    return out;
  }
}

/** The events of one part, one after the other. */
export class EventReader {
  /** Kind of the event that comes next, 0 where none has come yet; its packet, or up to which none will come. */
  kind = 0;
  packet = 0;
  /** Of LEFT: when the connection began, and its name; else before all and 0. */
  beganAt = Number.NEGATIVE_INFINITY;
  name = 0;
  /** Where the rest of the event stands. */
  in = new ByteCursor(new Uint8Array(0));

  readonly #batches: { readonly bytes: Uint8Array; readonly used: number }[] = [];
  #used = 0;
  #until = 0;
  #lastPacket = 0;
  #lastNs = 0;
  readonly #handshake = new Handshake();

  /** Another batch; no event up to `packet` comes after it. Returns how many batches were begun, as `next` does. */
  push(bytes: Uint8Array, used: number, packet: number): number {
    this.#batches.push({ bytes, used });
    this.#until = packet;
    return this.kind === 0 ? this.next() : 0;
  }

  /** Moves on to the next event; what is left of the one before must have been taken. Returns batches begun. */
  next(): number {
    let done = 0;
    while (this.in.at === this.#used) {
      const batch = this.#batches.shift();
      if (!batch) {
        this.kind = 0;
        this.packet = this.#until;
        this.beganAt = Number.POSITIVE_INFINITY;
        return done;
      }
      this.in = new ByteCursor(batch.bytes);
      this.#used = batch.used;
      this.#lastPacket = 0;
      this.#lastNs = 0;
      done++;
    }
    this.kind = this.in.takeByte();
    this.packet = this.in.takeNumber(this.#lastPacket);
    this.#lastPacket = this.packet;
    this.beganAt = Number.NEGATIVE_INFINITY;
    if (this.kind === LEFT) {
      this.beganAt = this.in.takeNumber(0);
      this.name = this.in.takeNumber(0);
    }
    return done;
  }

  /** Time of the capture at COUNT, UNCOUNT or FINISH. */
  takeNowNs(): number {
    this.#lastNs = this.in.takeNumber(this.#lastNs);
    return this.#lastNs;
  }

  /** HANDSHAKE: whether it can be compared. It is valid until the next one. */
  takeHandshake(): { readonly handshake: Handshake; readonly isComparable: boolean } {
    const { in: from } = this;
    const handshake = this.#handshake;
    const isComparable = from.takeByte() !== 0;
    handshake.name = from.takeNumber(0);
    if (isComparable) {
      handshake.synAtNs = from.takeNumber(0);
      handshake.clientIsn = from.takeWord();
      handshake.serverIsn = from.takeWord();
      handshake.synTsVal = from.takeWord();
      handshake.synAckTsVal = from.takeWord();
      handshake.places = from.takeWord();
    }
    return { handshake, isComparable };
  }

  /** Whether this event comes before that of another part. */
  isBefore(other: EventReader): boolean {
    if (this.packet !== other.packet) return this.packet < other.packet;
    if (this.beganAt !== other.beganAt) return this.beganAt < other.beganAt;
    return this.name < other.name;
  }
}
