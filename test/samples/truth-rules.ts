/**
 * What the record of a connection must say, given what the two kernels say of it: rules, one a field.
 *
 * A rule returns the two values to compare, in words, or null where the kernels' truth does not speak of that field.
 * No rule knows a sample by name; what a capture point cannot show stands in blind-spots.ts.
 */
import type { ConnectionRecord, EndpointRecord } from "../../src/report/record.js";
import type { Host, TrueConnection, Truth } from "./samples.js";

type Pair = readonly [kernel: string, record: string];
type Rule = (kernel: TrueConnection, record: ConnectionRecord, truth: Truth) => Pair | null;

/** Connect latency as the kernel measured it, against the opener's own capture. */
const CONNECT_TOLERANCE_MS = 0.2;

/** How the record says each of the kernels' outcomes. */
const ENDINGS: Readonly<Record<string, (record: ConnectionRecord) => boolean>> = {
  closed: (r) => r.close === "graceful",
  "half-closed": (r) => r.close === "half-closed",
  reset: (r) => r.close === "reset" && r.outcome === "completed",
  refused: (r) => r.outcome === "refused" && r.reset?.kind === "refused",
  unanswered: (r) => r.outcome === "unanswered" && r.close === "never-established",
  unreachable: (r) => r.outcome === "unreachable" && r.unreachable !== null,
  aborted: (r) => r.outcome === "aborted",
  embryonic: (r) => r.outcome === "embryonic" && r.close === "never-established",
  "timed-out": (r) => r.close === "timed-out" || r.reset?.kind === "keep-alive-expired",
  open: (r) => r.close === "open" || r.close === "idle",
};

/** The kernels' word for a reset → the kinds by which a capture may know it. */
const RESET_KINDS: Readonly<Record<string, readonly string[]>> = {
  refused: ["refused", "handshake-abort"],
  linger0: ["abort"],
  "unread-data": ["abort"],
  "keepalive-timeout": ["keep-alive-expired"],
  "no-socket": ["unknown-connection", "fin-wait-2-expired", "after-close"],
  // The mini-socket of an orphan in FIN_WAIT_2, which Linux keeps among those of TIME_WAIT.
  tcp_timewait_socket: ["after-close"],
  // A socket that its application had closed altogether.
  "data-after-close": ["after-close"],
};

/** A closed listener and a request that was dropped leave no socket: the kernel's CLOSED may be LISTEN in the table. */
function finalState(endpoint: EndpointRecord): string {
  return endpoint.state === "LISTEN" ? "CLOSED" : endpoint.state;
}

/** The lab's server host; the other one's truth stands under `client`, even where this one was the first to call. */
const SERVER_HOST = ["10.77.0.2", "fd77::2"];

function sideOf(host: Host, record: ConnectionRecord): EndpointRecord {
  return (host === "server") === SERVER_HOST.includes(record.client.address) ? record.client : record.server;
}

/** What passed the capture point of what a host sent again; TIME_WAIT's own answers are no repeats to a kernel. */
function repeats(host: Host): Rule {
  return (kernel, record) => {
    const visible = kernel.retransmissions.filter(
      (repeat) => repeat.side === host && repeat.frame !== null,
    ).length;
    return [`${visible}`, `${sideOf(host, record).retransmissions}`];
  };
}

function probes(host: Host, kind: string, counted: (endpoint: EndpointRecord) => number): Rule {
  return (kernel, record) => {
    const visible = kernel.probes.filter(
      (p) => p.side === host && p.kind === kind && p.frame !== null,
    ).length;
    return [`${visible}`, `${counted(sideOf(host, record))}`];
  };
}

export const RULES: Readonly<Record<string, Rule>> = {
  outcome: ({ outcome }, record) => [
    outcome,
    ENDINGS[outcome]?.(record) ? outcome : `${record.outcome}, ${record.close}`,
  ],
  connectTime: ({ connectNs }, record, truth) => {
    if (truth.recorded.point !== "client" || connectNs === null) return null;
    const kernelMs = connectNs / 1e6;
    const isNear =
      record.connectTimeMs !== null && Math.abs(record.connectTimeMs - kernelMs) <= CONNECT_TOLERANCE_MS;
    return [`${kernelMs} ms`, isNear ? `${kernelMs} ms` : `${record.connectTimeMs} ms`];
  },
  clientState: (kernel, record) => [kernel.finalStates.client, finalState(sideOf("client", record))],
  serverState: (kernel, record) => [kernel.finalStates.server, finalState(sideOf("server", record))],
  closedFirst: ({ firstFin, statePaths }, record) => {
    if (firstFin === null) return null;
    const isCrossed = statePaths.client.includes("CLOSING") && statePaths.server.includes("CLOSING");
    return [isCrossed ? "both" : firstFin, `${record.closedFirst}`];
  },
  resetBy: ({ resets, resetReceivedBy }, record) => {
    // Received by both and sent by neither: somebody between them did it, in the name of the side that it came from.
    if (resets.length === 0 && resetReceivedBy.length > 0)
      return ["a reset", record.reset ? "a reset" : "none"];
    return [resets[0]?.by ?? "nobody", record.reset?.by ?? "nobody"];
  },
  resetKind: ({ resets }, record) => {
    const first = resets[0];
    if (!first) return null;
    const kinds = RESET_KINDS[first.class] ?? [];
    const kind = record.reset?.kind ?? "none";
    return [kinds.join(" or "), kinds.includes(kind) ? kinds.join(" or ") : kind];
  },
  clientRepeats: repeats("client"),
  serverRepeats: repeats("server"),
  clientKeepAlives: probes("client", "keep-alive", (endpoint) => endpoint.keepAlives),
  serverKeepAlives: probes("server", "keep-alive", (endpoint) => endpoint.keepAlives),
  clientWindowProbes: probes("client", "zero-window-probe", (endpoint) => endpoint.zeroWindowProbes),
  serverWindowProbes: probes("server", "zero-window-probe", (endpoint) => endpoint.zeroWindowProbes),
};
