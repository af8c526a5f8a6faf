/**
 * Where a capture cannot show what the kernels know: the sample, the fields, and why no reader of it could.
 *
 * An entry that is no longer needed fails the test: the list cannot outlive its reasons.
 */
export interface BlindSpot {
  readonly sample: string;
  /** The kernels' number of the connection in the sample. */
  readonly connection: number;
  readonly fields: readonly string[];
  readonly why: string;
}

const SILENT_END =
  "a socket that gives up, or whose connect() an ICMP error ends, sends nothing that tells it";

export const BLIND_SPOTS: readonly BlindSpot[] = [
  {
    sample: "abort-unread-data",
    connection: 1,
    fields: ["connectTime"],
    why: "the kernel's clock began 0.23 ms before the SYN passed the capture: the machine was busy",
  },
  {
    sample: "close-wait-leak",
    connection: 1,
    fields: ["clientState"],
    why: "FIN_WAIT_2 runs out in silence after tcp_fin_timeout",
  },
  {
    sample: "embryonic",
    connection: 1,
    fields: ["clientState"],
    why: "the client's ACKs were lost before they reached the server's capture",
  },
  {
    sample: "fin-unanswered",
    connection: 1,
    fields: ["outcome", "clientState"],
    why: SILENT_END,
  },
  {
    sample: "keep-alive-dead",
    connection: 1,
    fields: ["serverState"],
    why: "the path was dead: the reset was captured at its sender and never arrived",
  },
  {
    sample: "one-direction",
    connection: 1,
    fields: ["outcome", "clientState", "serverState"],
    why: "the server's packets are not in the capture: its FIN and its ACK of the client's FIN stay unknown",
  },
  {
    sample: "mid-stream",
    connection: 1,
    fields: ["connectTime"],
    why: "the handshake is not in the capture",
  },
  {
    sample: "syn-ack-lost",
    connection: 1,
    fields: ["serverRepeats"],
    why: "the SYN-ACK that it repeats was lost before the capture and left no trace",
  },
  {
    sample: "timed-out",
    connection: 1,
    fields: ["outcome", "clientState"],
    why: "the capture ends with the last repeat: the sender may still be trying",
  },
  {
    sample: "user-timeout",
    connection: 1,
    fields: ["outcome", "clientState"],
    why: "the capture ends with the last repeat: the sender may still be trying",
  },
  { sample: "unanswered", connection: 1, fields: ["clientState"], why: SILENT_END },
  { sample: "unreachable-admin", connection: 1, fields: ["clientState"], why: SILENT_END },
  { sample: "unreachable-host", connection: 1, fields: ["clientState"], why: SILENT_END },
  { sample: "unreachable-port", connection: 1, fields: ["clientState"], why: SILENT_END },
  { sample: "unreachable-ipv6", connection: 1, fields: ["clientState"], why: SILENT_END },
  { sample: "unreachable-ipv6", connection: 2, fields: ["clientState"], why: SILENT_END },
];
