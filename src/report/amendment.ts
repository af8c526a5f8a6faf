/**
 * What came to light about a connection after its record was handed on.
 *
 * A record that is streamed is final two seconds after both sides were done. What comes for the connection after that,
 * and what other connections showed later, is told by an amendment, which names the record it belongs to.
 */
import type { ConnectionRecord, EndpointRecord } from "./record.js";

/**
 * Fields whose value may hang on other connections: directions never captured, a server's usual leg, an interface's
 * handshakes, what is told of many together.
 */
export const PROVISIONAL_FIELDS = [
  "captured",
  "outcome",
  "losses",
  "lossEvidence",
  "serverLegMs",
  "initialRttMs",
  "retryWaitMs",
  "legsAmbiguous",
  "close",
  "gaveUp",
  "capturePoint",
  "findings",
] as const satisfies readonly (keyof ConnectionRecord)[];

/** Counts of each side that hang on what a pair of interfaces shows: who made the copies. */
export const PROVISIONAL_COUNTS = [
  "networkDuplicates",
  "captureDuplicates",
] as const satisfies readonly (keyof EndpointRecord)[];

type ChangedCounts = Pick<EndpointRecord, (typeof PROVISIONAL_COUNTS)[number]>;

/** Values that replace those of the record, under the same names; those that stayed as they were are absent. */
export type ChangedFields = Partial<Pick<ConnectionRecord, (typeof PROVISIONAL_FIELDS)[number]>> & {
  readonly client?: ChangedCounts;
  readonly server?: ChangedCounts;
};

/** Segments that came after the record; they stand in no count of it. */
export interface LateSegments {
  readonly lateSegments: number;
  /** Payload bytes on them, and how many of them were resets. */
  readonly lateBytes: number;
  readonly lateResets: number;
  /** Time of the last of them since the beginning of the capture, and its id. */
  readonly lastLateMs: number;
  readonly lastLateId: string;
}

/** Either late segments or values that are others at the end of the capture; a connection may have one of each. */
export type Amendment = { readonly amends: string } & (LateSegments | ChangedFields);
