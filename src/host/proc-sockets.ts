/**
 * This host's TCP sockets from `/proc/net/tcp` and `/proc/net/tcp6`, where the kernel cannot be asked by netlink.
 *
 * Addresses stand there as words of the machine's own order, in hexadecimal digits.
 */
import { readFileSync } from "node:fs";
import { addressOf, type KernelSocket, stateOf } from "./kernel-socket.js";

export type AddressWriter = (ipVersion: number, words: readonly number[]) => string;

/** All of them; empty where there is no such file. */
export function readProcSockets(write: AddressWriter, folder = "/proc/net"): KernelSocket[] {
  return ["tcp", "tcp6"].flatMap((name) => {
    try {
      return readFileSync(`${folder}/${name}`, "latin1")
        .split("\n")
        .slice(1)
        .flatMap((line) => socketOf(line, write) ?? []);
    } catch {
      return [];
    }
  });
}

function socketOf(line: string, write: AddressWriter): KernelSocket | null {
  const fields = line.trim().split(/\s+/);
  const [, local, remote, state, queues] = fields;
  const inode = Number(fields[9]);
  const name = stateOf(Number.parseInt(state ?? "", 16));
  if (local === undefined || remote === undefined || queues === undefined || name === null) return null;
  const [localAddress, localPort] = endOf(local, write);
  const [remoteAddress, remotePort] = endOf(remote, write);
  const [send, receive] = queues.split(":").map((digits) => Number.parseInt(digits, 16));
  return {
    ...{ localAddress, localPort, remoteAddress, remotePort, inode },
    state: name,
    receiveQueue: receive ?? 0,
    sendQueue: send ?? 0,
    info: null,
  };
}

function endOf(text: string, write: AddressWriter): [address: string, port: number] {
  const [digits = "", port = ""] = text.split(":");
  const bytes = new Uint8Array(digits.length / 2);
  const words = new DataView(bytes.buffer);
  for (let word = 0; word < bytes.length / 4; word++)
    words.setUint32(word * 4, Number.parseInt(digits.slice(word * 8, word * 8 + 8), 16), isLittleEndian);
  return [addressOf(bytes, write), Number.parseInt(port, 16)];
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
