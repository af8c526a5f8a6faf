/**
 * The TLS handshakes of all connections in memory: those under way, and what came of the others, by a connection's row
 * or, while it is parked, its number there.
 *
 * Bounded: so many are followed at once, with so many blocks of bytes that wait; for one more, the oldest is closed
 * with what is known of it. What came of a handshake is kept in some sixty bytes (tls-result.ts).
 */
import { CLIENT_HELLO, SERVER_HELLO } from "../wire/tls.js";
import { TlsFacts, type TlsListener } from "./tls-facts.js";
import { packTls } from "./tls-result.js";
import { BLOCK_BYTES, type Blocks, TlsStream } from "./tls-stream.js";

/** Bit of a parked connection's ticket. */
export const TICKET_TLS = 4;

export const MOST_FOLLOWED = 16_384;
/** 16 MB. */
export const MOST_BLOCKS = 4096;

/** A handshake under way. */
export interface FollowedTls {
  readonly facts: TlsFacts;
  /** Of the client and of the server, from its first payload on. */
  readonly streams: [TlsStream | null, TlsStream | null];
}

export class TlsHandshakes {
  /** Set while one connection's segments are drawn. */
  listener: TlsListener | null = null;
  /** Handshakes that were closed early to make room for others. */
  closedEarly = 0;
  #mostFollowed = 0;
  /** By connection, the one followed longest first. */
  readonly #followed = new Map<number, FollowedTls>();
  /** Likewise what came of them, packed. */
  readonly #results = new Map<number, string>();
  readonly #free: Uint8Array[] = [];
  #blocks = 0;
  /** The connection whose segment is followed: it does not make room for itself. */
  #current = -1;
  readonly #source: Blocks = {
    take: () => this.#takeBlock(),
    give: (block) => {
      this.#free.push(block);
    },
  };

  /** How much of the room for handshakes was taken at the most, from 0 to 1. */
  get share(): number {
    return Math.max(this.#mostFollowed / MOST_FOLLOWED, this.#blocks / MOST_BLOCKS);
  }

  /** The handshake of the connection, where it is under way; its segment is looked at next. */
  followed(connection: number): FollowedTls | undefined {
    this.#current = connection;
    return this.#followed.get(connection);
  }

  /** Begins to follow a connection. */
  begin(connection: number): FollowedTls {
    this.#current = connection;
    if (this.#followed.size >= MOST_FOLLOWED) this.#closeOldest();
    const followed: FollowedTls = { facts: new TlsFacts(), streams: [null, null] };
    followed.facts.listener = this.listener;
    this.#followed.set(connection, followed);
    this.#mostFollowed = Math.max(this.#mostFollowed, this.#followed.size);
    return followed;
  }

  /** The stream of a side of it, which begins at sequence number `base`. */
  openStream(followed: FollowedTls, side: 0 | 1, base: number): TlsStream {
    const stream = new TlsStream(side, base, side === 0 ? CLIENT_HELLO : SERVER_HELLO, this.#source);
    followed.streams[side] = stream;
    return stream;
  }

  /** What is known, packed; undefined where the connection shows no ClientHello. */
  resultOf(connection: number): string | undefined {
    const followed = this.#followed.get(connection);
    if (followed === undefined) return this.#results.get(connection);
    noteBreaks(followed);
    return hasHello(followed.facts) ? packTls(followed.facts) : undefined;
  }

  /** Keeps what came of the connection's handshake: it was packed before, and is unpacked here. */
  restore(connection: number, result: string): void {
    this.#results.set(connection, result);
  }

  /** Nothing more is asked of the connection's segments: what came of its handshake is kept, where it is one. */
  close(connection: number): void {
    const followed = this.#followed.get(connection);
    if (followed === undefined) return;
    this.#followed.delete(connection);
    noteBreaks(followed);
    for (const stream of followed.streams) stream?.end(followed.facts);
    if (hasHello(followed.facts)) this.#results.set(connection, packTls(followed.facts));
  }

  /**
   * The connection is known by another number from now on; nothing more is asked of its segments. Returns the bit by
   * which a ticket says that something is kept of it (connections.ts), or 0.
   */
  move(from: number, to: number): number {
    this.close(from);
    const result = this.#results.get(from);
    if (result === undefined) return 0;
    this.#results.delete(from);
    this.#results.set(to, result);
    return TICKET_TLS;
  }

  /** Forgets the connection. */
  release(connection: number): void {
    this.close(connection);
    this.#results.delete(connection);
  }

  #closeOldest(): void {
    for (const [connection, { facts }] of this.#followed) {
      if (connection === this.#current) continue;
      this.closedEarly++;
      facts.isBrokenOff = true;
      this.close(connection);
      return;
    }
  }

  #takeBlock(): Uint8Array {
    while (this.#free.length === 0 && this.#blocks === MOST_BLOCKS && this.#followed.size > 1)
      this.#closeOldest();
    const free = this.#free.pop();
    if (free !== undefined) return free;
    this.#blocks++;
    return new Uint8Array(BLOCK_BYTES);
  }
}

/** A stream that is over before its side is known can tell nothing of what comes later. */
function noteBreaks({ facts, streams }: FollowedTls): void {
  if (streams.some((stream, side) => stream?.isOver && !facts.isKnown(side))) facts.isBrokenOff = true;
}

function hasHello({ helloAt }: TlsFacts): boolean {
  return helloAt === helloAt;
}
