/** What the cases of several layers have in common: their shape, and the frames that carry the segment. */
import { type Bytes, ethernet, hex, TCP4 } from "./packet-builder.js";

export interface LayerCase {
  readonly name: string;
  readonly linkType: number;
  readonly content: Bytes;
  readonly vlan?: number;
  readonly overlayId?: number;
  readonly isFragment?: boolean;
}

export const SNAP = hex("aaaa03 000000");
export const inner = ethernet(0x0800, TCP4);
export const wlanAddresses = hex("020000000001 020000000002 020000000003 3000");
export const wlanData = [...hex("0801 0000"), ...wlanAddresses, ...SNAP, ...hex("0800"), ...TCP4];
