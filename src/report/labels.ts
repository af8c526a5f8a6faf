/**
 * What a segment is, in one word: every segment that occupies sequence space, and every probe, gets one label.
 *
 * The words are Wireshark's where RFC 9293 has none. The cause of a retransmission stands beside its label.
 */
export const LABELS = [
  { name: "", meaning: "a pure acknowledgment or a reset: it takes no sequence number" },
  { name: "new", meaning: "the next bytes of its sender" },
  { name: "after-gap", meaning: "bytes above some that have not been captured yet: it opens a hole" },
  { name: "reordered", meaning: "sent before segments that the capture saw earlier: overtaken on the way" },
  { name: "retransmission", meaning: "bytes, a SYN or a FIN sent again" },
  { name: "keep-alive", meaning: "a probe of an idle connection, one below the next byte" },
  { name: "keep-alive-ack", meaning: "the answer to a keep-alive" },
  { name: "zero-window-probe", meaning: "a probe whether the closed window has opened" },
  { name: "zero-window-probe-ack", meaning: "the answer to a zero-window probe" },
  { name: "network-duplicate", meaning: "a copy of an earlier packet, made on the way" },
  { name: "capture-duplicate", meaning: "a copy of an earlier packet, made by the capture" },
  {
    name: "out-of-window",
    meaning: "far outside of what its receiver could take: left out of the byte counts",
  },
] as const;

export type LabelName = (typeof LABELS)[number]["name"];

export const LABEL_NONE = 0;
export const LABEL_NEW = 1;
export const LABEL_AFTER_GAP = 2;
export const LABEL_REORDERED = 3;
export const LABEL_RETRANSMISSION = 4;
export const LABEL_KEEP_ALIVE = 5;
export const LABEL_KEEP_ALIVE_ACK = 6;
export const LABEL_ZERO_WINDOW_PROBE = 7;
export const LABEL_ZERO_WINDOW_PROBE_ACK = 8;
export const LABEL_NETWORK_DUPLICATE = 9;
export const LABEL_CAPTURE_DUPLICATE = 10;
export const LABEL_OUT_OF_WINDOW = 11;

/** Whether a label says that the packet is a copy: it is counted, and left out of every other figure. */
export function isCopy(label: number): boolean {
  return label === LABEL_NETWORK_DUPLICATE || label === LABEL_CAPTURE_DUPLICATE;
}

/** Why something was sent again. A handshake's repeats have no cause: nothing but their timer sends them. */
export const CAUSES = [
  { name: "", meaning: "not sent again, or part of a handshake" },
  { name: "fast", meaning: "acknowledgments told of the loss (RFC 5681 §3.2, RFC 6675, RFC 8985)" },
  { name: "rto", meaning: "the retransmission timer ran out (RFC 6298)" },
  { name: "rto-recovery", meaning: "sent again after a timeout, as acknowledgments came in" },
  { name: "tail-loss-probe", meaning: "a probe whether the last bytes were lost (RFC 8985 §7)" },
  { name: "path-mtu", meaning: "the path does not carry packets of that size (RFC 1191, RFC 8899)" },
  { name: "fast-open", meaning: "data of the SYN, which was not accepted (RFC 7413)" },
  { name: "unknown", meaning: "nothing that the capture shows explains it" },
] as const;

export type CauseName = (typeof CAUSES)[number]["name"];

export const CAUSE_NONE = 0;
export const CAUSE_FAST = 1;
export const CAUSE_RTO = 2;
export const CAUSE_RTO_RECOVERY = 3;
export const CAUSE_TAIL_LOSS_PROBE = 4;
export const CAUSE_PATH_MTU = 5;
export const CAUSE_FAST_OPEN = 6;
export const CAUSE_UNKNOWN = 7;
