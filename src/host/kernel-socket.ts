/**
 * A TCP socket of this host, as Linux tells of it.
 */
import type { StateName } from "../tcp/states.js";

export interface KernelSocket {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly state: StateName;
  /** Of one that listens: connections that wait to be accepted, and how many may. */
  readonly receiveQueue: number;
  readonly sendQueue: number;
  /** 0 where no process has it open. */
  readonly inode: number;
  /** What the kernel knows of the transfer (struct tcp_info), where it can be had. */
  readonly info: TransferInfo | null;
}

export interface TransferInfo {
  readonly roundTripMs: number;
  readonly congestionWindow: number;
  readonly unacknowledged: number;
  readonly retransmitsInFlight: number;
  readonly retransmits: number;
  readonly backoffs: number;
}

/** Linux's numbers of the states (net/tcp_states.h); 12 is a SYN that waits for the last ACK of its handshake. */
const LINUX_STATES: readonly (StateName | null)[] = [
  null,
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECEIVED",
  "FIN_WAIT_1",
  "FIN_WAIT_2",
  "TIME_WAIT",
  "CLOSED",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
  "SYN_RECEIVED",
];

/** The RFC's name of a state, by Linux's number; null for one that is none. */
export function stateOf(number: number): StateName | null {
  return LINUX_STATES[number] ?? null;
}

/** An address as the analysis writes it: IPv4 in IPv6 as IPv4. `bytes` are 4 or 16 in the order of the network. */
export function addressOf(
  bytes: Uint8Array,
  write: (ipVersion: number, words: readonly number[]) => string,
): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = Array.from({ length: bytes.length / 4 }, (_, word) => view.getUint32(word * 4) | 0);
  const isMapped = words.length === 4 && words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  if (isMapped) return write(4, [words[3]!]);
  return write(words.length === 1 ? 4 : 6, words);
}
