/**
 * mixed: the conversations of narrow, one by one in IPv6, a VLAN, two VLAN tags, PPPoE, VXLAN and GRE: decoding decides.
 */
import { Conversations } from "../generator/conversations.mjs";
import { WRAPS } from "../generator/wraps.mjs";
import { NARROW } from "./narrow.mjs";

/** @type {import("../generate.mjs").Kind} */
export const mixed = {
  name: "mixed",
  format: "pcap",
  generate({ scaled, random, writer, truth }) {
    new Conversations({ ...scaled(NARROW), wraps: WRAPS }, random, writer, truth).run();
  },
};
