/**
 * THE transition table against a second writing of RFC 9293 §3.10 (with §3.5.1, §3.6.1, RFC 5961 §4, RFC 6191 §2):
 * for every state, what each event leads to. A pair that is not written here must be unexpected.
 */
import { describe, expect, it } from "vitest";
import { isFinished, STATE_NAMES, type StateName } from "../../src/tcp/states.js";
import {
  EVENT,
  EVENT_NAMES,
  type EventName,
  isSynchronized,
  nextState,
  STATE_BEFORE_RESET,
  TRANSITIONS,
  UNEXPECTED,
} from "../../src/tcp/transitions.js";

type Target = StateName | "before the reset";
type Cells = Partial<Record<EventName, Target>>;

/** What holds in the six states from ESTABLISHED to LAST_ACK alike: resets end it, a stray SYN is challenged. */
const synchronized = (state: StateName): Cells => ({
  receivedRst: "CLOSED",
  sentRst: "CLOSED",
  receivedSyn: state,
  receivedNewSyn: state,
  sentNewSyn: "CLOSED",
});

// biome-ignore format: a row a line, to be read as a table
const RFC: Readonly<Record<StateName, Cells>> = {
  CLOSED: {
    sentSyn: "SYN_SENT",
    passiveOpen: "LISTEN",
    sentRst: "CLOSED",
    receivedRst: "CLOSED",
    receivedFin: "CLOSED",
    joined: "ESTABLISHED",
    retractedAckOfFin: "LAST_ACK",
    retractedRst: "before the reset",
  },
  LISTEN: {
    receivedSyn: "SYN_RECEIVED",
    sentSyn: "SYN_SENT",
    receivedRst: "LISTEN",
    receivedFin: "LISTEN",
    sentRstToBadAck: "LISTEN",
  },
  SYN_SENT: {
    receivedSynAck: "ESTABLISHED",
    receivedSyn: "SYN_RECEIVED",
    sentSyn: "SYN_SENT",
    receivedRst: "CLOSED",
    sentRstToBadAck: "SYN_SENT",
    sentRst: "CLOSED",
    receivedFin: "SYN_SENT",
    sentNewSyn: "CLOSED",
  },
  SYN_RECEIVED: {
    receivedAckOfSyn: "ESTABLISHED",
    sentFin: "FIN_WAIT_1",
    receivedFin: "CLOSE_WAIT",
    receivedSyn: "SYN_RECEIVED",
    receivedNewSyn: "LISTEN",
    receivedRstBackToListen: "LISTEN",
    receivedRst: "CLOSED",
    sentRstToBadAck: "SYN_RECEIVED",
    sentRst: "CLOSED",
    sentNewSyn: "CLOSED",
  },
  ESTABLISHED: { ...synchronized("ESTABLISHED"), sentFin: "FIN_WAIT_1", receivedFin: "CLOSE_WAIT", retractedAckOfSyn: "SYN_RECEIVED" },
  FIN_WAIT_1: { ...synchronized("FIN_WAIT_1"), receivedAckOfFin: "FIN_WAIT_2", receivedFin: "CLOSING", sentFin: "FIN_WAIT_1" },
  FIN_WAIT_2: { ...synchronized("FIN_WAIT_2"), receivedFin: "TIME_WAIT", retractedAckOfFin: "FIN_WAIT_1" },
  CLOSE_WAIT: { ...synchronized("CLOSE_WAIT"), sentFin: "LAST_ACK", receivedFin: "CLOSE_WAIT", retractedFin: "ESTABLISHED" },
  CLOSING: { ...synchronized("CLOSING"), receivedAckOfFin: "TIME_WAIT", sentFin: "CLOSING", receivedFin: "CLOSING", retractedFin: "FIN_WAIT_1" },
  LAST_ACK: { ...synchronized("LAST_ACK"), receivedAckOfFin: "CLOSED", sentFin: "LAST_ACK", receivedFin: "LAST_ACK" },
  TIME_WAIT: {
    receivedFin: "TIME_WAIT",
    timeWaitExpired: "CLOSED",
    receivedRst: "CLOSED",
    receivedNewSyn: "TIME_WAIT",
    reopened: "CLOSED",
    sentNewSyn: "CLOSED",
    retractedAckOfFin: "CLOSING",
  },
};

function after(state: StateName, event: EventName): Target | "unexpected" {
  const next = nextState(STATE_NAMES.indexOf(state), EVENT[event]);
  if (next === UNEXPECTED) return "unexpected";
  return next === STATE_BEFORE_RESET ? "before the reset" : STATE_NAMES[next]!;
}

describe.each(STATE_NAMES)("%s", (state) => {
  it.each(EVENT_NAMES)("%s", (event) => {
    expect(after(state, event)).toBe(RFC[state][event] ?? "unexpected");
  });
});

describe("the table", () => {
  it("names each pair once, with its section and a reason", () => {
    const pairs = TRANSITIONS.map(([from, event]) => `${from} ${event}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    for (const [, , , source, reason] of TRANSITIONS) {
      expect(source).toMatch(/^RFC \d{4} §\d+(\.\d+)*$/);
      expect(reason.length).toBeGreaterThan(3);
    }
  });

  it("leads to every state, and out of every state to CLOSED", () => {
    const edges = TRANSITIONS.map(([from, , to]) => [from, to] as const);
    const reach = (start: StateName, isBack: boolean) => {
      const seen = new Set<string>([start]);
      for (let size = 0; size !== seen.size; ) {
        size = seen.size;
        for (const [from, to] of edges) if (seen.has(isBack ? to : from)) seen.add(isBack ? from : to);
      }
      return STATE_NAMES.filter((state) => seen.has(state));
    };
    expect(reach("CLOSED", false)).toEqual([...STATE_NAMES]);
    expect(reach("CLOSED", true)).toEqual([...STATE_NAMES]);
  });

  // biome-ignore format: a row a line, to be read as a table
  const walks: readonly (readonly [string, readonly EventName[], readonly StateName[]])[] = [
    ["active open, active close (figures 5 and 12)", ["sentSyn", "receivedSynAck", "sentFin", "receivedAckOfFin", "receivedFin", "timeWaitExpired"], ["SYN_SENT", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT", "CLOSED"]],
    ["passive open, passive close", ["passiveOpen", "receivedSyn", "receivedAckOfSyn", "receivedFin", "sentFin", "receivedAckOfFin"], ["LISTEN", "SYN_RECEIVED", "ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSED"]],
    ["simultaneous open (figure 7)", ["sentSyn", "receivedSyn", "receivedAckOfSyn"], ["SYN_SENT", "SYN_RECEIVED", "ESTABLISHED"]],
    ["simultaneous close (figure 13)", ["joined", "sentFin", "receivedFin", "receivedAckOfFin"], ["ESTABLISHED", "FIN_WAIT_1", "CLOSING", "TIME_WAIT"]],
    ["FIN and ACK of FIN in one segment, ACK first", ["joined", "sentFin", "receivedAckOfFin", "receivedFin"], ["ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT"]],
    ["a scan: the listener listens on", ["passiveOpen", "receivedSyn", "receivedRstBackToListen"], ["LISTEN", "SYN_RECEIVED", "LISTEN"]],
  ];

  it.each(walks)("%s", (_name, events, states) => {
    let state: Target | "unexpected" = "CLOSED";
    const walked = events.map((event) => (state = after(state as StateName, event)));
    expect(walked).toEqual(states);
  });

  it("knows which states are over and which are synchronized", () => {
    const names = (is: (state: number) => boolean) => STATE_NAMES.filter((_, number) => is(number));
    expect(names(isFinished)).toEqual(["CLOSED", "LISTEN", "TIME_WAIT"]);
    expect(names(isSynchronized)).toEqual([
      "ESTABLISHED",
      "FIN_WAIT_1",
      "FIN_WAIT_2",
      "CLOSE_WAIT",
      "CLOSING",
      "LAST_ACK",
      "TIME_WAIT",
    ]);
  });
});
