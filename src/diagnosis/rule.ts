/**
 * What a rule is: it looks at one record at a time, and tells of those in which it saw something, group by group.
 *
 * A rule remembers nothing itself: what belongs together is kept in bounded groups (groups.ts). It never guesses: where
 * it cannot tell, it sees nothing.
 */
import type { Actor, Confidence, FindingEntry, FindingExample, Severity } from "../report/finding.js";
import type { Frame } from "../report/frame.js";
import type { ConnectionRecord, Side } from "../report/record.js";
import type { CaptureSummary, HostSummary } from "../report/summary.js";

/** Clients and servers of a group that are told apart: with so many there may be more. */
export const MOST_HOSTS = 1000;

/** What a rule saw in one connection. */
export interface Sighting {
  /** What belongs together: a server, a client, a pair of hosts. A finding is made for each. */
  readonly where: string;
  /**
   * Whether it is as much a matter of the client as of the server, which `where` names. What all comes from one client
   * is then told of that client, whichever servers it was with.
   */
  readonly isOfClientToo?: boolean;
  /** The packets that show it. */
  readonly frames: readonly (Frame | null)[];
  /** What it cost, in milliseconds. */
  readonly lostMs?: number;
  readonly actor?: Actor;
  readonly confidence?: Confidence;
  /** When it came, since the beginning of the capture, where the group is judged by how many come at a time. */
  readonly atMs?: number;
  /** Numbers to add up over the group. */
  readonly sums?: Readonly<Record<string, number>>;
  /** Numbers of which the group keeps the smallest and the largest. */
  readonly ranges?: Readonly<Record<string, number>>;
}

/** What is known of the connections of one `where` in which a rule saw something. */
export interface Group {
  readonly where: string;
  readonly connections: number;
  readonly lostMs: number;
  /** Different clients and servers among them, counted up to `MOST_HOSTS`. */
  readonly clients: number;
  readonly servers: number;
  /** Whether it is as much a matter of its clients (`isOfClientToo`). */
  readonly isOfClients: boolean;
  /** The client, and the server, of all of them; null where there are several. */
  readonly client: string | null;
  readonly server: string | null;
  /** When the earliest of them began, at most 20, ascending, where none of them says what it cost. */
  readonly startsMs: readonly number[];
  /** The most that came within a second (`atMs`). */
  readonly mostInSecond: number;
  sum(name: string): number;
  least(name: string): number;
  most(name: string): number;
}

/** What a rule says of a group; advice, severity, actor and confidence where they are others than usual. */
export interface Verdict {
  readonly sentence: string;
  /** Where something else is to be done than usual. */
  readonly advice?: string;
  readonly severity?: Severity;
  readonly actor?: Actor;
  readonly confidence?: Confidence;
}

export interface Rule extends FindingEntry {
  /** Who has to act, and how sure that is, unless a sighting or a verdict says otherwise. */
  readonly actor: Actor;
  readonly confidence: Confidence;
  /** What a scan leaves behind is told once, as the scan. */
  readonly isExplainedByScan?: boolean;
  /** Likewise what a flood of SYNs leaves behind at its server. */
  readonly isExplainedByFlood?: boolean;
  /** What it sees in the connection, or null. */
  look(record: ConnectionRecord): Sighting | null;
  /** What it says of the group, or null where that is not worth a word. */
  tell(group: Group, summary: CaptureSummary): Verdict | null;
  /**
   * What it says of a server by the counts of all of its connections, most of which no rule looks at. Asked in place of
   * `tell` for every server that the summary lists; the connections of the server's group are its examples.
   */
  tellHost?(server: HostSummary, summary: CaptureSummary): HostVerdict | null;
  /** What it says of the capture as a whole, beside its groups. */
  tellCapture?(summary: CaptureSummary): Verdict | null;
}

/** What a rule says of a host. */
export interface HostVerdict extends Verdict {
  /** Connections behind it. */
  readonly connections: number;
  /** Some of them, where they are known one by one. */
  readonly examples?: readonly FindingExample[];
}

/** A rule over hosts, by what was counted of all their connections. */
export interface HostRule extends FindingEntry {
  readonly actor: Actor;
  readonly confidence: Confidence;
  /** `side`: whether the host is a client (an address) or a server (address and port). */
  tellHost(host: HostSummary, side: Side, summary: CaptureSummary): HostVerdict | null;
}

/** A rule over the capture as a whole. */
export interface CaptureRule extends FindingEntry {
  readonly actor: Actor;
  readonly confidence: Confidence;
  tellCapture(summary: CaptureSummary): CaptureVerdict | null;
}

/** What a rule says of the capture; connections behind it, and those of them that show it, where it is about any. */
export interface CaptureVerdict extends Verdict {
  readonly connections?: number;
  readonly examples?: readonly FindingExample[];
}
