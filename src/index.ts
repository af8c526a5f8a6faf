/**
 * The library: what the command runs, for other programs. Everything public is named here and nowhere else.
 */

import { AnalysisInParts, type ReportedAnalysis, type StartPart } from "./analysis-in-parts.js";
import { type InputOptions, openCaptures, openInterfaces } from "./analysis-input.js";
import { type AnalysisOptions, DEFAULT_OPTIONS } from "./analysis-options.js";
import { Analysis } from "./analyzer.js";
import { displayName } from "./capture/capture-error.js";
import { RULE_NAMES } from "./diagnosis/catalogue.js";
import { type CaptureCheck, compileCheck as compileCheckWith } from "./query/check.js";
import { type CaptureOrder, captureName } from "./source/live-order.js";
import { TemporaryFile } from "./source/temporary-file.js";

export { extractPackets } from "./analysis-extract.js";
export type { PartMessage, ReportedAnalysis, StartPart } from "./analysis-in-parts.js";
export { type InputOptions, openCaptures } from "./analysis-input.js";
export { type AnalysisOptions, DEFAULT_OPTIONS } from "./analysis-options.js";
export { NeedsOneThread } from "./analysis-part.js";
export {
  type Answer,
  Engine,
  type EngineLink,
  type EngineState,
  type Question,
  RemoteAnalysis,
  type SaveConnection,
  type SavedForm,
  stateOf,
} from "./analysis-remote.js";
export { unkeptNote } from "./analysis-summary.js";
export { Analysis } from "./analyzer.js";
export { CaptureError } from "./capture/capture-error.js";
export { type CaptureFileFormat, OtherLinkType } from "./capture/capture-file.js";
export type { Capture, CaptureInterface, CaptureProblem, Packet } from "./capture/packet.js";
export { type Moment, momentOf, type Span } from "./capture/span.js";
export { wordsText } from "./connection/addresses.js";
export type { KeptConnections } from "./connection/finished-connections.js";
export { PacketSelection } from "./connection/packet-selection.js";
export type { SpillFile } from "./connection/record-store.js";
export { FINDING_ENTRIES } from "./diagnosis/catalogue.js";
export { connectionReport } from "./output/connection-text.js";
export { CSV_HEADER, csvRow } from "./output/csv.js";
export { explanation, findingList } from "./output/explanation.js";
export { formatBytes, formatCount, formatDuration, formatNumberOf, printable } from "./output/format.js";
export { connectionsInDetail, htmlDocument, MOST_LISTED } from "./output/html/document.js";
export { jsonConnection, jsonDocument } from "./output/json.js";
export { markdownReport } from "./output/markdown.js";
export { ndjsonAmendment, ndjsonLine } from "./output/ndjson.js";
export { type ParquetRows, parquetRows } from "./output/parquet.js";
export { SEGMENT_HEADER, segmentJson, segmentLine } from "./output/segments.js";
export { textReport } from "./output/text.js";
export { AGGREGATES, type Aggregate } from "./query/aggregates.js";
export type { CaptureCheck } from "./query/check.js";
export { compileFilter } from "./query/filter.js";
export { nearestTo } from "./query/nearest.js";
export { QueryError } from "./query/query-error.js";
export type { Amendment, ChangedFields, LateSegments } from "./report/amendment.js";
export type { Field } from "./report/fields/field.js";
export { FIELDS } from "./report/fields.js";
export type { ConnectionFinding, Finding, FindingExample } from "./report/finding.js";
export { CAUSES, type CauseName, LABELS, type LabelName } from "./report/labels.js";
export type * from "./report/record.js";
export type { SegmentRow } from "./report/segment-row.js";
export type * from "./report/socket.js";
export type * from "./report/socket-view.js";
export type * from "./report/summary.js";
export type * from "./report/timeline.js";
export type * from "./report/tls-record.js";
export { TRAFFIC_SECONDS, type Traffic } from "./report/traffic.js";
export {
  CLOSES,
  type Close,
  OUTCOMES,
  type Outcome,
  RESET_KINDS,
  REUSES,
  type ResetKind,
  type Reuse,
} from "./report/verdicts.js";
export type * from "./report/view.js";
export { type LocalInterface, localInterfaces } from "./source/live-interfaces.js";
export { BACKENDS, type Backend, type CaptureOrder, captureName } from "./source/live-order.js";
export { SourceError } from "./source/source.js";
export { writtenName } from "./source/written-files.js";
export { STATE_NAMES, type StateName } from "./tcp/states.js";
export { EVENT_NAMES, type EventName, TRANSITIONS } from "./tcp/transitions.js";

/** What an analysis is opened with. */
export interface OpenOptions extends Partial<AnalysisOptions>, InputOptions {}

/**
 * Opens the files and makes an analysis of them, ready to run. Ladders read the files again; standard input cannot be.
 */
export async function openAnalysis(paths: readonly string[], options: OpenOptions = {}): Promise<Analysis> {
  const live = options.follow === undefined ? {} : { isLive: true };
  return new Analysis(await openCaptures(paths, options), { ...optionsFor(paths, options), ...live });
}

/**
 * The same in `parts` threads beside this one, for reports: files that can be read several times at once, and neither
 * `onFinished` nor `onSegment`. The report does not depend on their number.
 */
export async function openAnalysisInParts(
  paths: readonly string[],
  options: OpenOptions,
  parts: number,
  start: StartPart,
): Promise<ReportedAnalysis> {
  return new AnalysisInParts(await openCaptures(paths, options), optionsFor(paths, options), parts, start);
}

/** An analysis of what an interface gives. `stop` ends the capture, and with it the reading, in good order. */
export interface LiveAnalysis {
  readonly analysis: Analysis;
  stop(): void;
}

/** Begins to capture and makes an analysis of it, ready to run. There are no ladders: packets are not kept. */
export async function openLiveAnalysis(
  order: CaptureOrder,
  options: Partial<AnalysisOptions> = {},
): Promise<LiveAnalysis> {
  const { capture, stop } = await openInterfaces(order);
  const name = displayName(captureName(order));
  const named = {
    ...DEFAULT_OPTIONS,
    openSpill: () => new TemporaryFile(),
    fileNames: [name],
    capturing: name,
    isLive: true,
  };
  return { analysis: new Analysis(capture, { ...named, ...options }), stop };
}

/** The condition on a capture that a text is. Throws a `QueryError` that says what is wrong with it, and in which column. */
export function compileCheck(text: string): CaptureCheck {
  return compileCheckWith(text, RULE_NAMES);
}

function optionsFor(paths: readonly string[], { follow: _, ...options }: OpenOptions): AnalysisOptions {
  // To its end as it is now: what is followed has none.
  const reopen = () => openCaptures(paths, options);
  return {
    ...DEFAULT_OPTIONS,
    openSpill: () => new TemporaryFile(),
    fileNames: shortNames(paths),
    ...(paths.includes("-") ? {} : { reopen }),
    ...options,
  };
}

/** The files' last path parts, safe to print; whole paths where two of those are the same. */
function shortNames(paths: readonly string[]): string[] {
  const short = paths.map((path) =>
    path === "-" ? "standard input" : path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1),
  );
  return (new Set(short).size === short.length ? short : [...paths]).map(displayName);
}
