/** All rules, in the order in which documents list them. A new one is a file in rules/, and a line here. */
import type { FindingEntry } from "../report/finding.js";
import type { CaptureRule, HostRule, Rule } from "./rule.js";
import { abortiveClose } from "./rules/abortive-close.js";
import { acceptQueueOverflow } from "./rules/accept-queue-overflow.js";
import { acceptedButSilent } from "./rules/accepted-but-silent.js";
import { acceptedThenClosed } from "./rules/accepted-then-closed.js";
import { badChecksum } from "./rules/bad-checksum.js";
import { captureDuplicates } from "./rules/capture-duplicates.js";
import { captureLoss } from "./rules/capture-loss.js";
import { clientGaveUp } from "./rules/client-gave-up.js";
import { clockStep } from "./rules/clock-step.js";
import { closeWaitLeak } from "./rules/close-wait-leak.js";
import { connectUnanswered } from "./rules/connect-unanswered.js";
import { connectUnreachable } from "./rules/connect-unreachable.js";
import { connectionRefused } from "./rules/connection-refused.js";
import { ecnCongestion } from "./rules/ecn-congestion.js";
import { embryonic } from "./rules/embryonic.js";
import { ephemeralPortExhaustion } from "./rules/ephemeral-port-exhaustion.js";
import { fastOpenFallback } from "./rules/fast-open-fallback.js";
import { finAckLost } from "./rules/fin-ack-lost.js";
import { finLost } from "./rules/fin-lost.js";
import { finUnanswered } from "./rules/fin-unanswered.js";
import { finWait2Hang } from "./rules/fin-wait-2-hang.js";
import { handshakeAckLost } from "./rules/handshake-ack-lost.js";
import { handshakeOptionsStripped } from "./rules/handshake-options-stripped.js";
import { handshakeSlow } from "./rules/handshake-slow.js";
import { healthCheck } from "./rules/health-check.js";
import { heartbeatMissed } from "./rules/heartbeat-missed.js";
import { idleTimeoutMiddlebox } from "./rules/idle-timeout-middlebox.js";
import { ipFragments } from "./rules/ip-fragments.js";
import { keepAliveDead } from "./rules/keep-alive-dead.js";
import { keepAliveLate } from "./rules/keep-alive-late.js";
import { keepAliveRace } from "./rules/keep-alive-race.js";
import { lastAckLost } from "./rules/last-ack-lost.js";
import { localAckProxy } from "./rules/local-ack-proxy.js";
import { lossClientSide } from "./rules/loss-client-side.js";
import { lossServerSide } from "./rules/loss-server-side.js";
import { massClose } from "./rules/mass-close.js";
import { mssClamped } from "./rules/mss-clamped.js";
import { nagleDelayedAck } from "./rules/nagle-delayed-ack.js";
import { noSack } from "./rules/no-sack.js";
import { noWindowScale } from "./rules/no-window-scale.js";
import { offloadedCapture } from "./rules/offloaded-capture.js";
import { oneWayCapture } from "./rules/one-way-capture.js";
import { pathMtuBlackHole } from "./rules/path-mtu-black-hole.js";
import { portReuseDropped } from "./rules/port-reuse-dropped.js";
import { portScan } from "./rules/port-scan.js";
import { receiveWindowLimited } from "./rules/receive-window-limited.js";
import { reconnectStorm } from "./rules/reconnect-storm.js";
import { reordering } from "./rules/reordering.js";
import { requestLimit } from "./rules/request-limit.js";
import { resetAfterClose } from "./rules/reset-after-close.js";
import { resetInjected } from "./rules/reset-injected.js";
import { resetUnknownConnection } from "./rules/reset-unknown-connection.js";
import { retransmissionBurst } from "./rules/retransmission-burst.js";
import { shortConnections } from "./rules/short-connections.js";
import { slowServer } from "./rules/slow-server.js";
import { snaplenShort } from "./rules/snaplen-short.js";
import { spuriousRetransmissions } from "./rules/spurious-retransmissions.js";
import { synAckLost } from "./rules/syn-ack-lost.js";
import { synCookies } from "./rules/syn-cookies.js";
import { synDroppedAtServer } from "./rules/syn-dropped-at-server.js";
import { synFlood } from "./rules/syn-flood.js";
import { synLost } from "./rules/syn-lost.js";
import { tailLoss } from "./rules/tail-loss.js";
import { timeWaitPressure } from "./rules/time-wait-pressure.js";
import { timeoutStall } from "./rules/timeout-stall.js";
import { tlsFailed } from "./rules/tls-failed.js";
import { tlsUpAppDown } from "./rules/tls-up-app-down.js";
import { vanishedPeer } from "./rules/vanished-peer.js";
import { weakIsn } from "./rules/weak-isn.js";
import { windowUpdateLost } from "./rules/window-update-lost.js";
import { zeroWindow } from "./rules/zero-window.js";

/** Rules over connections. */
export const RULES: readonly Rule[] = [
  // ---- connecting
  portScan,
  connectionRefused,
  connectUnanswered,
  connectUnreachable,
  synDroppedAtServer,
  synLost,
  synAckLost,
  handshakeAckLost,
  acceptQueueOverflow,
  synFlood,
  embryonic,
  healthCheck,
  handshakeSlow,
  acceptedButSilent,
  acceptedThenClosed,
  clientGaveUp,
  tlsFailed,
  fastOpenFallback,
  tlsUpAppDown,
  portReuseDropped,
  ephemeralPortExhaustion,
  // ---- closing and lingering
  closeWaitLeak,
  finWait2Hang,
  finLost,
  finAckLost,
  lastAckLost,
  finUnanswered,
  abortiveClose,
  keepAliveRace,
  resetAfterClose,
  resetUnknownConnection,
  massClose,
  idleTimeoutMiddlebox,
  resetInjected,
  vanishedPeer,
  keepAliveDead,
  keepAliveLate,
  heartbeatMissed,
  reconnectStorm,
  // ---- moving data
  lossClientSide,
  lossServerSide,
  pathMtuBlackHole,
  timeoutStall,
  tailLoss,
  reordering,
  spuriousRetransmissions,
  noSack,
  localAckProxy,
  mssClamped,
  noWindowScale,
  ecnCongestion,
  badChecksum,
  zeroWindow,
  windowUpdateLost,
  receiveWindowLimited,
  nagleDelayedAck,
  slowServer,
];

/** Rules over hosts. */
export const HOST_RULES: readonly HostRule[] = [
  synCookies,
  handshakeOptionsStripped,
  shortConnections,
  requestLimit,
  timeWaitPressure,
  weakIsn,
];

/** Rules over the capture as a whole. */
export const CAPTURE_RULES: readonly CaptureRule[] = [
  retransmissionBurst,
  captureLoss,
  captureDuplicates,
  oneWayCapture,
  offloadedCapture,
  snaplenShort,
  clockStep,
  ipFragments,
];

/** What all rules say of themselves, in the order in which documents list them. */
export const FINDING_ENTRIES: readonly FindingEntry[] = [...RULES, ...HOST_RULES, ...CAPTURE_RULES];

/** Their names. */
export const RULE_NAMES: readonly string[] = FINDING_ENTRIES.map(({ id }) => id);
