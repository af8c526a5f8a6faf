/**
 * What the record of a connection must say, given what the two kernels say of it (conns.tsv): rules, one a field, and
 * where a capture cannot show what the kernels know. No rule knows a scenario by name.
 */
import type { ConnectionRecord } from "../../../src/report/record.js";
import { busyShare, sendingShare, windowShare } from "./limit-rules.js";
import type { Point, TrueConnection } from "./recordings.js";

type Side = "client" | "server";
type Host = "c" | "s";
/** The record's side of each host: of a simultaneous open either may have been captured first. */
type Sides = Readonly<Record<string, Side | undefined>>;

/** What of a connection passed a capture point, by host. */
export type Passed = Readonly<Record<Host, PassedOfHost>>;
export interface PassedOfHost {
  frames: number;
  hasFin: boolean;
  hasRst: boolean;
  hasRepeat: boolean;
}

const CONNECT_TOLERANCE_MS = 0.2;

const STATES: Readonly<Record<string, string>> = {
  FIN_WAIT1: "FIN_WAIT_1",
  FIN_WAIT2: "FIN_WAIT_2",
  CLOSE: "CLOSED",
  SYN_RECV: "SYN_RECEIVED",
};

function stateName(name: string): string {
  return STATES[name] ?? name;
}

/** The kernel's word for the end of a connection → how the record may say it. */
const ENDINGS: Readonly<Record<string, (record: ConnectionRecord) => boolean>> = {
  closed: (r) => r.close === "graceful" || r.close === "graceful-unfinished",
  refused: (r) => r.outcome === "refused",
  unanswered: (r) => r.outcome === "unanswered" || r.outcome === "embryonic",
  halfopen: (r) => r.outcome === "unanswered" || r.outcome === "embryonic" || r.outcome === "aborted",
  reset: (r) => r.close === "reset",
  timeout: (r) =>
    r.close === "timed-out" ||
    (r.close === "reset" && (r.reset?.kind === "keep-alive-expired" || r.reset?.kind === "abort")),
  "half-closed": (r) => ["half-closed", "graceful-unfinished", "reset", "timed-out"].includes(r.close),
  open: (r) => ["open", "idle", "half-closed", "timed-out", "reset"].includes(r.close),
};

/** The kernel's word where conns.tsv is coarser than its own state path: a socket closed while it still called. */
function endingOf(kernel: TrueConnection): string {
  return kernel.outcome === "open" && kernel.path_c === "SYN_SENT>CLOSE" ? "unanswered" : kernel.outcome!;
}

/** The lab's client host: the columns ending in c and s are the hosts', whoever opened. */
const CLIENT_HOST = ["10.77.0.1", "fd77::1"];

export function sidesOf(record: ConnectionRecord): Sides {
  return CLIENT_HOST.includes(record.client.address)
    ? { c: "client", s: "server" }
    : { c: "server", s: "client" };
}

/**
 * The kernel's final state of a host and the record's, or null where the kernel does not tell. Linux has no tracepoint
 * for the end of TIME_WAIT and of an orphan's FIN_WAIT_2 (both are mini-sockets): there the state before CLOSED is the
 * one to compare.
 */
function finalStates(word: string | undefined, record: ConnectionRecord, side: Side): Pair | null {
  if (word === undefined || word === "-") return null;
  const kernel = stateName(word);
  const last = record.transitions.findLast((transition) => transition.side === side);
  const isMini = kernel === "TIME_WAIT" || kernel === "FIN_WAIT_2";
  const isEndOfMini = isMini && last?.to === "CLOSED" && last.event !== "receivedAckOfFin";
  return [kernel, isEndOfMini ? last.from : record[side].state];
}

type Pair = readonly [kernel: string, record: string];
type Rule = (kernel: TrueConnection, record: ConnectionRecord, sides: Sides, point: Point) => Pair | null;

/** Each field: what the kernel says and what the record says, or null where the kernel does not tell. */
export const FIELDS = {
  outcome: (kernel, record) => {
    const ending = endingOf(kernel);
    return [ending, ENDINGS[ending]?.(record) ? ending : `${record.outcome}, ${record.close}`];
  },
  closedFirst: (kernel, record, sides) => {
    const first = sides[kernel.first_fin!];
    if (!first) return null;
    const isCrossed = kernel.path_c!.includes("CLOSING") && kernel.path_s!.includes("CLOSING");
    return [isCrossed ? "both" : first, record.closedFirst ?? "nobody"];
  },
  reset: (kernel, record, sides) => {
    if (kernel.reset_by === "m") return null;
    const sender = record.client.resets > 0 ? "client" : record.server.resets > 0 ? "server" : "nobody";
    return [sides[kernel.reset_by!] ?? "nobody", record.reset?.by ?? sender];
  },
  stateC: (kernel, record, sides) => finalStates(kernel.final_c, record, sides.c!),
  stateS: (kernel, record, sides) => finalStates(kernel.final_s, record, sides.s!),
  connect: (kernel, record, _sides, point) => {
    if (point !== "client" || kernel.connect_us === "" || kernel.outcome === "halfopen") return null;
    const kernelMs = Number(kernel.connect_us) / 1000;
    const { connectTimeMs } = record;
    const isNear = connectTimeMs !== null && Math.abs(connectTimeMs - kernelMs) <= CONNECT_TOLERANCE_MS;
    return [kernelMs.toFixed(3), isNear ? kernelMs.toFixed(3) : String(connectTimeMs)];
  },
  windowC: (kernel, record, sides) => windowShare(kernel, record, "c", sides.c!),
  windowS: (kernel, record, sides) => windowShare(kernel, record, "s", sides.s!),
  busyC: (kernel, record, sides) => busyShare(kernel, record, "c", sides.c!),
  busyS: (kernel, record, sides) => busyShare(kernel, record, "s", sides.s!),
  sendingC: (kernel, record, sides) => sendingShare(kernel, record, "c", sides.c!),
  sendingS: (kernel, record, sides) => sendingShare(kernel, record, "s", sides.s!),
} as const satisfies Readonly<Record<string, Rule>>;

export type ConnectionField = keyof typeof FIELDS;
export const FIELD_NAMES = Object.keys(FIELDS) as ConnectionField[];

interface BlindSpot {
  readonly why: string;
  readonly fields: readonly ConnectionField[];
  /** `whole`: what passed before frames were cut out of the capture; absent where none were. */
  readonly when: (kernel: TrueConnection, passed: Passed, whole: Passed | undefined) => boolean;
}

/** Where the capture cannot show what the kernel knows, and why. */
const BLIND_SPOTS: readonly BlindSpot[] = [
  {
    why: "packets of it were cut out of this capture",
    fields: FIELD_NAMES,
    when: (_kernel, passed, whole) =>
      whole !== undefined && passed.c.frames + passed.s.frames < whole.c.frames + whole.s.frames,
  },
  {
    why: "the reset never passed this point",
    fields: ["reset", "outcome", "stateC", "stateS"],
    when: ({ reset_by }, passed) => (reset_by === "c" || reset_by === "s") && !passed[reset_by].hasRst,
  },
  {
    why: "a reset in the name of a host whose kernel sent none: a raw socket did",
    fields: ["reset"],
    when: ({ reset_by }, passed) => reset_by === "-" && (passed.c.hasRst || passed.s.hasRst),
  },
  {
    why: "a socket that gives up its SYNs or its repeats, or is closed while it calls, sends nothing",
    fields: ["stateC", "stateS"],
    when: (kernel) => ["unanswered", "timeout"].includes(endingOf(kernel)),
  },
  {
    why: "the repeats that were given up never passed this point",
    fields: ["outcome"],
    when: (kernel, passed) => kernel.outcome === "timeout" && !passed.c.hasRepeat && !passed.s.hasRepeat,
  },
  {
    why: "the application closed, but its FIN waits behind unacknowledged bytes and was never sent",
    fields: ["stateC", "outcome"],
    when: (kernel, passed) => kernel.final_c === "FIN_WAIT1" && !passed.c.hasFin,
  },
  {
    // It was in FIN_WAIT_1 when it was reset, as the recorded event of the reset says.
    why: "data after close ended the socket; the recorder takes that end for an orphan's in FIN_WAIT_2",
    fields: ["stateC"],
    when: ({ rst_class, final_c }) => rst_class === "data-after-close" && final_c === "FIN_WAIT2",
  },
];

/** Why the capture cannot show a field of a connection as the kernel knows it; null: it can. */
export function blindSpot(
  field: ConnectionField,
  kernel: TrueConnection,
  passed: Passed,
  whole: Passed | undefined,
): string | null {
  const spot = BLIND_SPOTS.find(({ fields, when }) => fields.includes(field) && when(kernel, passed, whole));
  return spot?.why ?? null;
}
