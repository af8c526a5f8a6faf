/** What is counted of a capture's packets, whatever they hold; the same whether one thread reads them or several do. */
import type { Capture } from "./capture/packet.js";
import { packetName } from "./connection/packet-names.js";
import { SKIP_REASONS, UNKNOWN_LINK_TYPE } from "./wire/skip-reasons.js";

/** The figures alone. */
export type PacketFigures = Readonly<
  Pick<PacketCounts, "packets" | "wireBytes" | "skipped" | "firstSkipped" | "unknownLinkTypes">
>;

export class PacketCounts {
  packets = 0;
  wireBytes = 0;
  /** Packets by index into SKIP_REASONS, and the first of each (packet-names.ts). */
  readonly skipped = new Float64Array(SKIP_REASONS.length);
  readonly firstSkipped = new Float64Array(SKIP_REASONS.length);
  readonly unknownLinkTypes = new Set<number>();

  /** The packet under the cursor holds no segment that can be followed. */
  skip(capture: Capture, reason: number): void {
    this.note(reason, capture);
    if (reason === UNKNOWN_LINK_TYPE) this.unknownLinkTypes.add(capture.linkType);
  }

  /** Counts a packet by the reason why it was left out. */
  note(reason: number, { file, number }: { readonly file: number; readonly number: number }): void {
    if (this.skipped[reason]!++ === 0) this.firstSkipped[reason] = packetName(file, number);
  }
}
