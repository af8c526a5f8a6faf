/**
 * What an analysis and whoever looks at this host's sockets tell each other.
 */
import type { StateName } from "../tcp/states.js";
import type { SocketRecord, Sockets } from "./socket.js";

/** One end of a connection that is open. */
export interface OpenEnd {
  /** Name of the connection's first packet, and which end it is: 0 the client's. */
  readonly name: number;
  readonly side: 0 | 1;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** As the wire shows it. */
  readonly state: StateName;
}

export interface OpenEnds {
  /** Open connections. */
  readonly count: number;
  /** Visits the ends whose own port is one of `ports`. */
  forEach(ports: ReadonlySet<number>, visit: (end: OpenEnd) => void): void;
}

/** What the kernel said last of the sockets behind connections. */
export interface SocketView {
  of(name: number, side: 0 | 1): SocketRecord | null;
  sockets(): Sockets | null;
}
