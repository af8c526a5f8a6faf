/**
 * pcapng: the conversations of narrow as pcapng with nanoseconds and two interfaces, one for each direction, so that
 * only the file format differs.
 */
import { Conversations } from "../generator/conversations.mjs";
import { NARROW } from "./narrow.mjs";

/** @type {import("../generate.mjs").Kind} */
export const pcapng = {
  name: "pcapng",
  format: "pcapng",
  generate({ scaled, random, writer, truth }) {
    new Conversations(scaled(NARROW), random, writer, truth).run();
  },
};
