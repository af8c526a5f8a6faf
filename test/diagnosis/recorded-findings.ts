/**
 * What the lab's recordings must lead to, and must not, about how data moved: by what each scenario does (test/lab/scenarios),
 * at each capture point. The lab loses, delays and copies between the two hosts, at random on both sides of its middle point;
 * a rule without "stage=2" between the sender and that point.
 */

export interface Expectation {
  /** Scenarios, `*` for any letters. */
  readonly scenarios: readonly string[];
  readonly points?: readonly ("client" | "mid" | "server")[];
  readonly must?: readonly string[];
  readonly mustNot?: readonly string[];
}

const LOSSES = ["loss-client-side", "loss-server-side"];
const REPAIRS = ["timeout-stall", "tail-loss", "spurious-retransmissions", "no-sack"];

/** Nothing went wrong in these: no problem and no warning of any rule. */
export const CLEAN: readonly string[] = [
  "plain_*",
  "dup_only",
  "dup_late",
  "id_*_dup_only",
  "half_close",
  "seq_wrap",
  "simultaneous_close",
  "simultaneous_open",
];

export const EXPECTATIONS: readonly Expectation[] = [
  // Nobody accepts: the queue fills, and what comes on is ignored, reset, or answered by cookies.
  { scenarios: ["accept_overflow", "accept_overflow_*"], must: ["accept-queue-overflow"] },
  { scenarios: ["plain_*", "loss*", "hs_*", "dup_*"], mustNot: ["accept-queue-overflow", "port-scan"] },
  // Responses lose 2 to 15 % between server and client; the few requests hardly weigh.
  {
    scenarios: ["loss10_*", "loss15_cubic", "loss2_*", "rack_off_loss"],
    points: ["client"],
    must: ["loss-server-side"],
    mustNot: ["loss-client-side"],
  },
  {
    scenarios: ["loss10_*", "loss15_cubic", "loss2_*", "rack_off_loss"],
    points: ["server"],
    must: ["loss-client-side"],
    mustNot: ["loss-server-side"],
  },
  { scenarios: ["loss10_*", "loss15_cubic"], points: ["mid"], must: LOSSES },
  { scenarios: ["loss2_nosack"], must: ["no-sack"] },
  { scenarios: ["loss10_*", "loss2_notimestamps"], mustNot: ["no-sack"] },
  // Overtaken, copied, or missing in the capture alone: nothing was lost.
  {
    scenarios: [
      "reorder_large",
      "jitter_reorder",
      "dup_*",
      "id_*_dup_only",
      "cut_capdrop2_dup_only",
      "cut_capdrop5_plain_rtt20",
    ],
    mustNot: [...LOSSES, "timeout-stall", "tail-loss", "no-sack"],
  },
  {
    scenarios: ["reorder_large", "jitter_reorder", "reorder_loss"],
    points: ["client"],
    must: ["reordering"],
  },
  {
    scenarios: ["reorder_large"],
    points: ["server"],
    must: ["spurious-retransmissions"],
    mustNot: ["reordering"],
  },
  { scenarios: ["dup_*", "loss10_*", "loss15_cubic", "plain_*"], mustNot: ["reordering"] },
  { scenarios: ["cut_capdrop*"], must: ["capture-loss"] },
  // The client's acknowledgments are lost, never data of the server.
  { scenarios: ["ack_loss"], mustNot: [...LOSSES, "reordering", "no-sack"] },
  {
    scenarios: ["spurious_rto_hold_*"],
    points: ["mid", "server"],
    must: ["spurious-retransmissions"],
    mustNot: [...LOSSES, "tail-loss", "timeout-stall"],
  },
  // At the client the copy that was sent later came first, as if the other had been lost.
  {
    scenarios: ["delay_spike_req"],
    points: ["mid", "server"],
    must: ["spurious-retransmissions"],
    mustNot: LOSSES,
  },
  {
    scenarios: ["tail_loss_1", "rack_off_tail_loss", "request_lost"],
    must: ["tail-loss"],
    mustNot: ["timeout-stall"],
  },
  {
    scenarios: ["tail_loss_tlp_lost", "rtx_lost"],
    points: ["server"],
    must: ["timeout-stall"],
    mustNot: ["tail-loss"],
  },
  { scenarios: ["rto_backoff"], points: ["client"], must: ["timeout-stall"], mustNot: ["tail-loss"] },
  { scenarios: ["outage_2s"], points: ["server"], must: ["timeout-stall"] },
  // A SYN that met the TIME_WAIT of the connection before arrived, and no queue was full.
  {
    scenarios: ["time_wait_isn_below"],
    points: ["server"],
    must: ["port-reuse-dropped"],
    mustNot: ["syn-dropped-at-server", "syn-lost"],
  },
  // It is the listener that drops, or nobody is there any more.
  { scenarios: ["accept_overflow*"], mustNot: [...LOSSES, "timeout-stall", "tail-loss"] },
  { scenarios: ["vanish_*"], mustNot: LOSSES },
  // What is repeated here is a FIN or a probe, or goes to a peer that is gone.
  {
    scenarios: ["fin*", "last_ack_lost", "zero_window*", "keepalive_*", "vanish_*"],
    mustNot: [...REPAIRS, "reordering"],
  },
  // The packet that answers the FIN is lost, seen from where it is sent or on its way; or the FIN itself.
  { scenarios: ["fin1_ack_lost"], must: ["fin-ack-lost"] },
  { scenarios: ["last_ack_lost"], points: ["client", "mid"], must: ["last-ack-lost"] },
  {
    scenarios: ["plain_*", "dup_*", "half_close", "simultaneous_close", "fin1_lost", "fin1_lost2"],
    mustNot: ["fin-ack-lost", "last-ack-lost"],
  },
  // The server opens its window and says so to nobody; elsewhere it is heard.
  { scenarios: ["zero_window_update_lost"], points: ["server"], must: ["window-update-lost"] },
  { scenarios: ["zero_window", "zero_window_slow_reader", "plain_*"], mustNot: ["window-update-lost"] },
  { scenarios: ["zero_window_slow_reader"], must: ["receive-window-limited"] },
  { scenarios: ["plain_*", "loss*", "dup_*"], mustNot: ["receive-window-limited"] },
  {
    scenarios: ["zero_window", "zero_window_update_lost"],
    must: ["zero-window"],
    mustNot: ["receive-window-limited"],
  },
  { scenarios: ["plain_offload", "loss1_offload"], must: ["offloaded-capture"] },
  { scenarios: ["plain_rtt*", "plain_v6", "loss10_*", "pmtu_blackhole"], mustNot: ["offloaded-capture"] },
  { scenarios: ["cut_acks_only_*", "cut_data_only_*"], must: ["one-way-capture"], mustNot: LOSSES },
  { scenarios: ["plain_*", "hs_*", "syn_blackhole", "refused*"], mustNot: ["one-way-capture"] },
  {
    scenarios: ["*"],
    mustNot: [
      "snaplen-short",
      "clock-step",
      "ip-fragments",
      "retransmission-burst",
      "local-ack-proxy",
      "mss-clamped",
      "request-limit",
      "syn-cookies",
      "handshake-options-stripped",
    ],
  },
  // The SYNs with data are lost on their way.
  { scenarios: ["tfo_syn_lost"], points: ["client"], must: ["fast-open-fallback"] },
  { scenarios: ["tfo", "hs_*"], mustNot: ["fast-open-fallback"] },
  // The client's sequence numbers are set by hand, a million apart; elsewhere they are Linux's own.
  { scenarios: ["time_wait_isn_*"], must: ["weak-isn"] },
  {
    scenarios: ["plain_*", "loss*", "dup_*", "hs_*", "mix_*", "port_reuse_*", "refused*"],
    mustNot: ["weak-isn"],
  },
  // Three and five in a hundred are lost of small messages both ways, two in a hundred of transfers over 300 ms.
  {
    scenarios: ["interactive_loss", "keystrokes_loss", "rtt300_loss"],
    points: ["client"],
    must: ["loss-server-side"],
  },
  {
    scenarios: ["interactive_loss", "keystrokes_loss", "rtt300_loss"],
    points: ["server"],
    must: ["loss-client-side"],
  },
  // A long path is no slow server, and no client's fault.
  { scenarios: ["rtt300_*"], mustNot: ["slow-server", "handshake-slow", "client-gave-up", "no-sack"] },
  { scenarios: ["outage_2s_requests"], points: ["client"], must: ["timeout-stall"] },
  // The three before the last one are lost, which tells of them: to its kernel three fast retransmissions and no probe.
  { scenarios: ["tail_loss_3"], mustNot: ["tail-loss", "timeout-stall"] },
  // One segment of a hundred, repaired at once.
  { scenarios: ["one_seg_lost"], mustNot: ["tail-loss", "timeout-stall", "no-sack", "reordering"] },
  { scenarios: ["data_fin_lost"], mustNot: ["fin-unanswered", "last-ack-lost", "abortive-close"] },
  { scenarios: ["id_*_reorder_loss"], mustNot: ["no-sack", "capture-loss", "abortive-close"] },
  // What came before the capture is not held against anybody. (Of short connections with losses most begin later.)
  {
    scenarios: ["cut_midstream_interactive_loss", "cut_midstream_reorder_loss"],
    mustNot: [
      "syn-lost",
      "syn-ack-lost",
      "handshake-ack-lost",
      "connect-unanswered",
      "embryonic",
      "handshake-slow",
    ],
  },
  {
    scenarios: ["cut_midstream_loss2_rtt1_short"],
    mustNot: ["connect-unanswered", "embryonic", "slow-server", "no-sack"],
  },
  // Half of its connections held unread data when the server was killed; and its host was there to close them all.
  { scenarios: ["peer_killed"], must: ["abortive-close"], mustNot: ["vanished-peer", ...LOSSES] },
  // The recording ends seconds after the FIN.
  { scenarios: ["close_wait_leak"], mustNot: ["close-wait-leak", "fin-wait-2-hang", ...LOSSES] },
];
