/**
 * The HTML report: one file that holds everything it shows and asks no network for anything.
 *
 * The page itself (src/page/) is text that the build made; what a capture says goes into it as JSON, in an element that no
 * browser runs or takes for markup. Its Content-Security-Policy lets run and draw what the build put there, by their hashes,
 * and nothing else.
 */
import page from "../../page/report.html";
import type { ConnectionRecord } from "../../report/record.js";
import type { CaptureSummary } from "../../report/summary.js";
import type { Ladder } from "../../report/view.js";
import type { Generator } from "../json.js";
import { detailOf, MOST_SEGMENTS, RowPacker } from "./page-data.js";

/** Where the page has its data. */
const DATA = '"capture"';

/** Connections that the table lists at most. */
export const MOST_LISTED = 50_000;

/** Connections of which a page shows everything, at most: reading the packets of one again takes a megabyte. */
export const MOST_DETAILED = 250;

/** About what a connection's record, and each of its segments, take in a page, in bytes. */
const RECORD_BYTES = 9000;
const SEGMENT_BYTES = 110;

/** The connections among `worst`, at most 250 and as many as `bytes` hold, of which a page shows everything. */
export function connectionsInDetail(worst: Iterable<ConnectionRecord>, bytes: number): ConnectionRecord[] {
  const chosen: ConnectionRecord[] = [];
  let left = bytes;
  for (const record of worst) {
    left -= RECORD_BYTES + SEGMENT_BYTES * Math.min(record.packets, MOST_SEGMENTS);
    if (left < 0 || chosen.length === MOST_DETAILED) break;
    chosen.push(record);
  }
  return chosen;
}

/** The document in pieces. `connections` are listed in the order in which they come; those of `ladders` can be opened. */
export function* htmlDocument(
  summary: CaptureSummary,
  connections: Iterable<ConnectionRecord>,
  ladders: Iterable<Ladder>,
  generator: Generator,
): IterableIterator<string> {
  const at = page.indexOf(DATA);
  yield page.slice(0, at);
  yield `{"generator":${inert(generator)},"summary":${inert(summary)}`;
  const rows = new RowPacker();
  for (const record of connections) rows.add(record);
  yield `,"count":${rows.count},"columns":[`;
  let separator = "";
  for (const column of rows.packed()) {
    yield `${separator}${inert(column)}`;
    separator = ",\n";
  }
  yield '],"details":{';
  separator = "\n";
  for (const ladder of ladders) {
    yield `${separator}${inert(ladder.record.id)}:${inert(detailOf(ladder))}`;
    separator = ",\n";
  }
  yield `}}${page.slice(at + DATA.length)}`;
}

/** JSON in which nothing can be taken for the end of the element that it stands in, or for another's beginning. */
function inert(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
