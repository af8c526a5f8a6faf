/**
 * This host's TCP sockets from the kernel by netlink (sock_diag(7), linux/inet_diag.h), with what it knows of each
 * transfer: state, queues, owner's inode, struct tcp_info. Needs no rights.
 */
import { createRequire } from "node:module";
import { addressOf, type KernelSocket, stateOf, type TransferInfo } from "./kernel-socket.js";
import type { AddressWriter } from "./proc-sockets.js";

const AF_NETLINK = 16;
const SOCK_RAW_CLOSE_ON_EXEC = 3 | 0o2000000;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
/** A question for all there are. */
const REQUEST_DUMP = 0x301;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const MSG_DONTWAIT = 0x40;
const AF_INET = 2;
const AF_INET6 = 10;
const TCP = 6;
const INET_DIAG_INFO = 2;
const EXTENSION_INFO = 1 << (INET_DIAG_INFO - 1);

const MESSAGE_HEAD = 16;
const REQUEST_BYTES = MESSAGE_HEAD + 56;
/** struct inet_diag_msg: what stands in front of its attributes, and where its parts are. */
const REPLY_BYTES = 72;
const AT = { state: 1, ports: 4, source: 8, destination: 24, receive: 56, send: 60, inode: 68 } as const;
/** struct tcp_info. */
const INFO = {
  backoff: 4,
  unacked: 24,
  retrans: 36,
  rtt: 68,
  window: 80,
  totalRetrans: 100,
  bytes: 104,
} as const;
const ROOM = 256 * 1024;

type Native = (...values: unknown[]) => unknown;

/** A way to ask the kernel; null where there is none. */
export class SockDiag {
  readonly #send: Native;
  readonly #receive: Native;
  readonly #descriptor: number;
  readonly #reply = new Uint8Array(ROOM);

  private constructor(load: (path: null) => { func(definition: string): Native }) {
    const c = load(null);
    this.#send = c.func("long send(int socket, void *bytes, size_t length, int flags)");
    this.#receive = c.func("long recv(int socket, _Out_ uint8_t *bytes, size_t length, int flags)");
    const open = c.func("int socket(int domain, int type, int protocol)");
    this.#descriptor = Number(open(AF_NETLINK, SOCK_RAW_CLOSE_ON_EXEC, NETLINK_SOCK_DIAG));
  }

  static open(): SockDiag | null {
    if (process.platform !== "linux") return null;
    try {
      const { load } = createRequire(import.meta.url)("koffi") as {
        load(path: null): { func(definition: string): Native };
      };
      const made = new SockDiag(load);
      return made.#descriptor < 0 ? null : made;
    } catch {
      return null;
    }
  }

  /** All of them; null where the kernel does not answer. */
  read(write: AddressWriter): KernelSocket[] | null {
    const found: KernelSocket[] = [];
    for (const family of [AF_INET, AF_INET6]) if (!this.#dump(family, write, found)) return null;
    return found;
  }

  #dump(family: number, write: AddressWriter, found: KernelSocket[]): boolean {
    const request = new DataView(new ArrayBuffer(REQUEST_BYTES));
    request.setUint32(0, REQUEST_BYTES, true);
    request.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
    request.setUint16(6, REQUEST_DUMP, true);
    request.setUint8(MESSAGE_HEAD, family);
    request.setUint8(MESSAGE_HEAD + 1, TCP);
    request.setUint8(MESSAGE_HEAD + 2, EXTENSION_INFO);
    request.setUint32(MESSAGE_HEAD + 4, 0xffff_ffff, true);
    if (Number(this.#send(this.#descriptor, new Uint8Array(request.buffer), REQUEST_BYTES, 0)) < 0)
      return false;
    for (;;) {
      // The kernel has its answer ready at once, and makes the next part of it when this one is fetched.
      const length = Number(this.#receive(this.#descriptor, this.#reply, ROOM, MSG_DONTWAIT));
      if (length <= 0) return false;
      const end = readMessages(this.#reply.subarray(0, length), family, write, found);
      if (end !== null) return end;
    }
  }
}

/** Reads netlink messages; true behind the last of an answer, false at an error, null where more comes. */
export function readMessages(
  bytes: Uint8Array,
  family: number,
  write: AddressWriter,
  found: KernelSocket[],
): boolean | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + MESSAGE_HEAD <= bytes.length; ) {
    const length = view.getUint32(at, true);
    const type = view.getUint16(at + 4, true);
    if (type === NLMSG_DONE) return true;
    if (type === NLMSG_ERROR || length < MESSAGE_HEAD) return false;
    const body = bytes.subarray(at + MESSAGE_HEAD, Math.min(at + length, bytes.length));
    const socket = body.length < REPLY_BYTES ? null : socketOf(body, family, write);
    if (socket !== null) found.push(socket);
    at += (length + 3) & ~3;
  }
  return null;
}

function socketOf(body: Uint8Array, family: number, write: AddressWriter): KernelSocket | null {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const state = stateOf(body[AT.state]!);
  if (state === null) return null;
  const bytes = family === AF_INET ? 4 : 16;
  return {
    localAddress: addressOf(body.subarray(AT.source, AT.source + bytes), write),
    localPort: view.getUint16(AT.ports),
    remoteAddress: addressOf(body.subarray(AT.destination, AT.destination + bytes), write),
    remotePort: view.getUint16(AT.ports + 2),
    state,
    receiveQueue: view.getUint32(AT.receive, true),
    sendQueue: view.getUint32(AT.send, true),
    inode: view.getUint32(AT.inode, true),
    info: infoOf(body, view),
  };
}

function infoOf(body: Uint8Array, view: DataView): TransferInfo | null {
  for (let at = REPLY_BYTES; at + 4 <= body.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4) return null;
    const from = at + 4;
    if (view.getUint16(at + 2, true) === INET_DIAG_INFO && length - 4 >= INFO.bytes) {
      const word = (offset: number): number => view.getUint32(from + offset, true);
      return {
        roundTripMs: word(INFO.rtt) / 1000,
        congestionWindow: word(INFO.window),
        unacknowledged: word(INFO.unacked),
        retransmitsInFlight: word(INFO.retrans),
        retransmits: word(INFO.totalRetrans),
        backoffs: body[from + INFO.backoff]!,
      };
    }
    at += (length + 3) & ~3;
  }
  return null;
}
