/**
 * Looks at this host's own sockets once a second, joins them to the connections of a capture by their addresses and
 * ports, and remembers of each connection what its kernel said last.
 *
 * What the kernel and the wire say of a state may differ for as long as a packet is under way; only what stays different
 * from one look to the next, and for longer than a round trip, is told.
 */
import type { Listener, LocalSocket, SocketRecord, Sockets } from "../report/socket.js";
import type { OpenEnd, OpenEnds, SocketView } from "../report/socket-view.js";
import type { StateName } from "../tcp/states.js";
import type { KernelSocket } from "./kernel-socket.js";

const MOST_SHOWN = 100;
const MOST_LISTENERS = 20;
/** Connections whose sockets are remembered. */
const MOST_REMEMBERED = 100_000;
/** With more connections open, joining them would take too much of the time. */
const MOST_JOINED = 20_000;
/** What differs is told when it did so for as long as this, and for a round trip. */
const DIFFERS_MS = 900;

/** Who has a socket open. */
export interface OwnerLookup {
  readonly isGone: boolean;
  of(inode: number): { readonly pid: number; readonly name: string } | null;
  ask(inodes: Iterable<number>): void;
}

/** Since when the two say different things. */
interface Difference {
  readonly kernel: StateName;
  readonly wire: StateName;
  readonly sinceMs: number;
}

/** In its queues Linux counts the FIN that came, and the SYN or FIN that is not acknowledged, as a byte each. */
const HAS_FIN_RECEIVED: ReadonlySet<StateName> = new Set(["CLOSE_WAIT", "LAST_ACK", "CLOSING", "TIME_WAIT"]);
const HAS_UNACKED_MARK: ReadonlySet<StateName> = new Set([
  "SYN_SENT",
  "SYN_RECEIVED",
  "FIN_WAIT_1",
  "LAST_ACK",
  "CLOSING",
]);

/** States that are held without need, and queues, first. */
const INTEREST: Readonly<Partial<Record<StateName, number>>> = {
  CLOSE_WAIT: 5,
  SYN_SENT: 4,
  FIN_WAIT_2: 3,
  SYN_RECEIVED: 3,
  LAST_ACK: 2,
  ESTABLISHED: 1,
};

export class SocketWatch implements SocketView {
  readonly #owners: OwnerLookup | null;
  /** By end of a connection: the name of the connection's first packet, twice, plus its side. */
  readonly #last = new Map<number, SocketRecord>();
  #differences = new Map<number, Difference>();
  #sockets: Sockets | null = null;

  /** `owners`: null where nobody may be asked. */
  constructor(owners: OwnerLookup | null) {
    this.#owners = owners;
  }

  of(name: number, side: 0 | 1): SocketRecord | null {
    return this.#last.get(name * 2 + side) ?? null;
  }

  sockets(): Sockets | null {
    return this.#sockets;
  }

  /** Takes what the kernel says now; `ends` are the ends of open connections. */
  look(kernel: readonly KernelSocket[], ends: OpenEnds, nowMs: number): void {
    const listening = kernel.filter(({ state }) => state === "LISTEN");
    const connected = kernel.filter(({ state }) => state !== "LISTEN" && state !== "CLOSED");
    this.#owners?.ask(kernel.map(({ inode }) => inode));
    const isJoined = ends.count <= MOST_JOINED;
    const wires = isJoined ? wiresOf(connected, ends) : new Map<string, OpenEnd>();
    const differences = new Map<number, Difference>();
    const states: Partial<Record<StateName, number>> = {};
    const shown: LocalSocket[] = [];
    for (const one of connected) {
      states[one.state] = (states[one.state] ?? 0) + 1;
      const wire = wires.get(keyOf(one)) ?? null;
      const socket = this.#record(one, wire, differences, nowMs);
      if (wire !== null) this.#remember(wire.name * 2 + wire.side, socket);
      const [local, remote] = [
        endText(one.localAddress, one.localPort),
        endText(one.remoteAddress, one.remotePort),
      ];
      shown.push({ local, remote, socket, wire: wire?.state ?? null });
    }
    this.#differences = differences;
    this.#sockets = {
      sockets: shown.sort((a, b) => interestOf(b) - interestOf(a)).slice(0, MOST_SHOWN),
      states,
      listeners: this.#listeners(listening),
      lacking: this.#lacking(isJoined),
    };
  }

  #record(
    { state, inode, receiveQueue, sendQueue, info }: KernelSocket,
    wire: OpenEnd | null,
    differences: Map<number, Difference>,
    nowMs: number,
  ): SocketRecord {
    const owner = this.#owners?.of(inode) ?? null;
    return {
      state,
      process: owner?.name ?? null,
      pid: owner?.pid ?? null,
      receiveQueueBytes: Math.max(0, receiveQueue - (HAS_FIN_RECEIVED.has(state) ? 1 : 0)),
      sendQueueBytes: Math.max(0, sendQueue - (HAS_UNACKED_MARK.has(state) ? 1 : 0)),
      roundTripMs: info?.roundTripMs ?? null,
      congestionWindow: info?.congestionWindow ?? null,
      unacknowledged: info?.unacknowledged ?? null,
      retransmitsInFlight: info?.retransmitsInFlight ?? null,
      retransmits: info?.retransmits ?? null,
      backoffs: info?.backoffs ?? null,
      wireState:
        wire === null ? null : this.#different(state, wire, info?.roundTripMs ?? 0, differences, nowMs),
    };
  }

  /** The wire's state where it has been another one for long enough. */
  #different(
    kernel: StateName,
    { name, side, state: wire }: OpenEnd,
    roundTripMs: number,
    differences: Map<number, Difference>,
    nowMs: number,
  ): StateName | null {
    if (kernel === wire) return null;
    const key = name * 2 + side;
    const before = this.#differences.get(key);
    const isSame = before?.kernel === kernel && before.wire === wire;
    const sinceMs = isSame ? before.sinceMs : nowMs;
    differences.set(key, { kernel, wire, sinceMs });
    return nowMs - sinceMs >= Math.max(DIFFERS_MS, roundTripMs) ? wire : null;
  }

  #remember(key: number, socket: SocketRecord): void {
    // Who had it open stays known when the last process has closed it.
    const before = this.#last.get(key);
    const known = socket.process === null && before ? { process: before.process, pid: before.pid } : {};
    this.#last.delete(key);
    this.#last.set(key, { ...socket, ...known });
    if (this.#last.size > MOST_REMEMBERED) this.#last.delete(this.#last.keys().next().value!);
  }

  #listeners(listening: readonly KernelSocket[]): Listener[] {
    return listening
      .map(({ localAddress, localPort, receiveQueue, sendQueue, inode }) => {
        const owner = this.#owners?.of(inode) ?? null;
        return {
          local: endText(localAddress, localPort),
          process: owner?.name ?? null,
          pid: owner?.pid ?? null,
          acceptQueue: receiveQueue,
          acceptQueueMost: sendQueue,
        };
      })
      .sort((a, b) => b.acceptQueue - a.acceptQueue)
      .slice(0, MOST_LISTENERS);
  }

  #lacking(isJoined: boolean): string | null {
    if (!isJoined) return "more connections are open than can be compared with this host's sockets";
    if (this.#owners === null || this.#owners.isGone) return "which process has a socket open is not known";
    return null;
  }
}

/** The ends of open connections that are sockets of this host, by their addresses and ports. */
function wiresOf(connected: readonly KernelSocket[], ends: OpenEnds): Map<string, OpenEnd> {
  const ports = new Set(connected.map(({ localPort }) => localPort));
  const wanted = new Set(connected.map(keyOf));
  const wires = new Map<string, OpenEnd>();
  ends.forEach(ports, (end) => {
    const key = keyOf(end);
    if (wanted.has(key)) wires.set(key, end);
  });
  return wires;
}

type Addressed = Pick<KernelSocket, "localAddress" | "localPort" | "remoteAddress" | "remotePort">;

function keyOf({ localAddress, localPort, remoteAddress, remotePort }: Addressed): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}

function endText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function interestOf({ socket, wire }: LocalSocket): number {
  const { state, receiveQueueBytes, sendQueueBytes, wireState } = socket;
  const queues = receiveQueueBytes + sendQueueBytes > 0 ? 1.5 : 0;
  const seen = wire === null ? 0 : 10;
  return seen + (INTEREST[state] ?? 0) + queues + (wireState === null ? 0 : 6);
}
