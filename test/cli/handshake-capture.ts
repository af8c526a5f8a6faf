/**
 * A small capture, byte by byte: connections that open, send one request and one answer, and close.
 */
import { type WrittenPacket, writePcap } from "../capture/pcap-writer.js";

const [FIN, SYN, ACK] = [1, 2, 16];
const CLIENT_ISN = 1000;
const SERVER_ISN = 9000;
const PAYLOAD_BYTES = 5;

type Step = readonly [
  fromClient: boolean,
  flags: number,
  sequence: number,
  acknowledgment: number,
  bytes: number,
];

const steps: readonly Step[] = [
  [true, SYN, CLIENT_ISN, 0, 0],
  [false, SYN | ACK, SERVER_ISN, CLIENT_ISN + 1, 0],
  [true, ACK, CLIENT_ISN + 1, SERVER_ISN + 1, 0],
  [true, ACK, CLIENT_ISN + 1, SERVER_ISN + 1, PAYLOAD_BYTES],
  [false, ACK, SERVER_ISN + 1, CLIENT_ISN + 6, PAYLOAD_BYTES],
  [true, FIN | ACK, CLIENT_ISN + 6, SERVER_ISN + 6, 0],
  [false, FIN | ACK, SERVER_ISN + 6, CLIENT_ISN + 7, 0],
  [true, ACK, CLIENT_ISN + 7, SERVER_ISN + 7, 0],
];

/** Packets that each connection of the capture has. */
export const PACKETS_EACH = steps.length;

/** A pcap file of `count` complete connections, one after the other, 1 ms from packet to packet. */
export function handshakeCapture(count: number): Uint8Array {
  const packets: WrittenPacket[] = [];
  for (let connection = 0; connection < count; connection++) {
    for (const step of steps) {
      const ms = packets.length;
      packets.push({
        seconds: 1_700_000_000 + Math.floor(ms / 1000),
        fraction: (ms % 1000) * 1000,
        data: frame(connection, step),
      });
    }
  }
  return writePcap(packets);
}

/** Ethernet, IPv4 and TCP without options; the client's port and last address bytes tell connections apart. */
function frame(
  connection: number,
  [isFromClient, flags, sequence, acknowledgment, payload]: Step,
): Uint8Array {
  const bytes = new Uint8Array(14 + 20 + 20 + payload);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, 0x0800);
  view.setUint16(14, 0x4500);
  view.setUint16(16, 40 + payload);
  view.setUint16(22, 0x4006);
  const client = 0x0a000000 + 0x100 + Math.floor(connection / 20_000);
  const server = 0x0a000001;
  const clientPort = 20_000 + (connection % 20_000);
  view.setUint32(26, isFromClient ? client : server);
  view.setUint32(30, isFromClient ? server : client);
  view.setUint16(34, isFromClient ? clientPort : 80);
  view.setUint16(36, isFromClient ? 80 : clientPort);
  view.setUint32(38, sequence);
  view.setUint32(42, acknowledgment);
  view.setUint16(46, 0x5000 | flags);
  view.setUint16(48, 8192);
  return bytes;
}
