/** One TCP segment as the analysis saw it: a row of `--segments`. */
import type { CauseName, LabelName } from "./labels.js";

export interface SegmentRow {
  /** Its packet: the number within its file, with the file's name where there are several. */
  readonly frame: string;
  /** Nanoseconds since the capture's first packet. */
  readonly timeNs: number;
  /** The connection's id: its first packet; empty for a segment that came after its connection had ended. */
  readonly connection: string;
  readonly from: "client" | "server";
  /** SEG.SEQ and SEG.ACK as on the wire; null where it has no ACK. */
  readonly sequence: number;
  readonly acknowledgment: number | null;
  readonly payloadBytes: number;
  readonly flags: number;
  readonly window: number;
  readonly label: LabelName;
  /** What a retransmission repeats; empty for anything else. */
  readonly repeats: "" | "syn" | "syn-ack" | "data" | "fin" | "data+fin";
  readonly cause: CauseName;
  /** A retransmission told by missing packet numbers alone: every earlier copy was lost before the capture point. */
  readonly inferred: boolean;
  /** A retransmission that was needless. */
  readonly spurious: boolean;
  /** What the cause rests on, in words with its numbers. */
  readonly evidence: string;
}
