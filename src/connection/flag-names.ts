/** The flags of a segment by their names (RFC 9293 §3.1), those that say what it is for first. */
import { ACK, AE, CWR, ECE, FIN, PSH, RST, SYN, URG } from "../wire/segment.js";

const FLAG_NAMES: readonly [number, string][] = [
  [SYN, "SYN"],
  [FIN, "FIN"],
  [RST, "RST"],
  [PSH, "PSH"],
  [URG, "URG"],
  [ECE, "ECE"],
  [CWR, "CWR"],
  [AE, "AE"],
  [ACK, "ACK"],
];

/** "SYN ACK", "PSH ACK", "FIN ACK" … */
export function flagNames(flags: number): string {
  return FLAG_NAMES.filter(([bit]) => flags & bit)
    .map(([, name]) => name)
    .join(" ");
}
