/**
 * What is concluded: a finding says what was seen, on which connections, by which packets, who has to act, what to do.
 *
 * Plain readonly objects, made from records and the capture summary by the rules of diagnosis/.
 */
import type { Frame } from "./frame.js";

/** The worst first. */
export const SEVERITIES = ["problem", "warning", "note"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Who has to act. */
export const ACTORS = ["client", "server", "network", "middlebox", "capture", "unknown"] as const;
export type Actor = (typeof ACTORS)[number];

export const CONFIDENCES = ["certain", "likely", "possible"] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** How sure a finding is, where it stands by itself. */
export const CERTAINTY: Readonly<Record<Confidence, string>> = {
  certain: "certain",
  likely: "likely, not certain",
  possible: "possible, no more than that",
};

/** One connection that shows it. */
export interface FindingExample {
  /** The record's id. */
  readonly connection: string;
  /** The packets that show it, at most a handful. */
  readonly frames: readonly Frame[];
  /** What it cost this connection; null where that cannot be told. */
  readonly lostMs: number | null;
}

export interface Finding {
  /** The rule's name: "connection-refused". */
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly actor: Actor;
  readonly confidence: Confidence;
  /**
   * What the connections behind it share: a server ("192.0.2.1:443"), a client's address, or both ("192.0.2.7 to
   * 192.0.2.1:443"); null for the capture.
   */
  readonly where: string | null;
  /** What was seen, with its numbers, in one sentence without a full stop. */
  readonly sentence: string;
  /** What to do about it: the setting or call to change, the command to look with. */
  readonly advice: string;
  /** What it is easily taken for; null where there is nothing. */
  readonly mistakenFor: string | null;
  /** Connections behind it; 0 where it is of the capture as a whole. */
  readonly connections: number;
  /** Time lost in all of them; null where that cannot be told. */
  readonly lostMs: number | null;
  /** Those that it cost most, then the earliest: at most 20. */
  readonly examples: readonly FindingExample[];
}

/** A finding behind which one connection stands, and what shows it there. */
export interface ConnectionFinding {
  readonly finding: Finding;
  /** The connection's own packets that show it, at most a handful. */
  readonly frames: readonly Frame[];
  /** What it cost this connection; null where that cannot be told. */
  readonly lostMs: number | null;
}

/** Servers, clients or pairs of them that each rule judges: those in which it saw something first. */
export const MOST_JUDGED = 1000;
/** Those beyond, told apart by name to count them. */
export const MOST_COUNTED = 10_000;

/** What a rule saw beyond those that it judges: counted, and in no finding. */
export interface OmittedSightings {
  /** The rule's name and title. */
  readonly id: string;
  readonly title: string;
  readonly connections: number;
  /** Servers, clients or pairs of them that these connections are of, at least: counted up to `MOST_COUNTED`. */
  readonly groups: number;
}

/** What documents say of a rule, for somebody who never met it. */
export interface FindingEntry {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** What it is, and what it looks like on the wire. */
  readonly what: string;
  /** Why it matters. */
  readonly why: string;
  readonly advice: string;
  readonly mistakenFor: string | null;
}
