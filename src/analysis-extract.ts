/**
 * Reads a capture again and hands on the packets of some connections, as a capture file.
 */

import { CaptureFile, type CaptureFileFormat } from "./capture/capture-file.js";
import type { Capture } from "./capture/packet.js";
import type { PacketSelection } from "./connection/packet-selection.js";
import { decode, SKIPPED } from "./wire/decode.js";
import { Segment } from "./wire/segment.js";
import { IP_FRAGMENT } from "./wire/skip-reasons.js";

/** Bytes gathered before they are handed on. */
const PIECE = 1 << 20;

/**
 * Hands on the packets of `selection` as pieces of a capture file, in the order of the capture; returns how many packets those
 * are. Reading waits for what `write` returns. Throws `OtherLinkType` where a pcap file would need two of them.
 */
export async function extractPackets(
  capture: Capture,
  selection: PacketSelection,
  format: CaptureFileFormat,
  write: (piece: Uint8Array) => void | Promise<void>,
): Promise<number> {
  const segment = new Segment();
  let file: CaptureFile | null = null;
  let pieces: Uint8Array[] = [];
  let [bytes, packets, isOver] = [0, 0, false];
  const add = (piece: Uint8Array): void => {
    pieces.push(piece);
    bytes += piece.length;
  };
  while (!isOver && (await capture.fill())) {
    while (!isOver && capture.next()) {
      const isSkipped = decode(capture, segment) === SKIPPED;
      const isWanted = isSkipped
        ? segment.skipReason === IP_FRAGMENT && selection.wantsFragment(segment)
        : selection.wants(segment);
      isOver = selection.isOver(capture);
      if (!isWanted) continue;
      const from = capture.interfaces[capture.interfaceId]!;
      if (file === null) {
        file = new CaptureFile(format, capture.originNs!);
        add(file.header(from));
      }
      add(file.packet(capture, from));
      packets++;
    }
    if (bytes >= PIECE) {
      await write(Buffer.concat(pieces));
      [pieces, bytes] = [[], 0];
    }
  }
  if (file === null) add(new CaptureFile(format, 0n).header(capture.interfaces[0]));
  await write(Buffer.concat(pieces));
  await capture.close();
  return packets;
}
