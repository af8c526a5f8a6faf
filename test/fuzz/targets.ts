/** What is fuzzed: each takes any bytes, and throws where something is wrong with the program. */
import { compileFilter } from "../../src/query/filter.js";
import { QueryError } from "../../src/query/query-error.js";
import { decode, decodeLayers, SEGMENT } from "../../src/wire/decode.js";
import { DECODED_LINK_TYPES } from "../../src/wire/link-types.js";
import { Segment } from "../../src/wire/segment.js";
import { makeRecord } from "../report/record-fixture.js";
import { captureOf } from "./conversations.js";
import { Broken, inspectCapture } from "./invariants.js";

const segment = new Segment();
const record = makeRecord();
/** All that are decoded, and one that is not. */
const linkTypes = [...DECODED_LINK_TYPES, 147];
const MARGIN = 16;

/** A file; the last byte says whether checksums are verified. */
export function capture(bytes: Uint8Array): Promise<void> {
  return inspectCapture(bytes, { checksums: ((bytes.at(-1) ?? 0) & 1) === 1 });
}

export function segments(bytes: Uint8Array): Promise<void> {
  return inspectCapture(captureOf(bytes));
}

/** One packet: a byte for its link type, one for what the capture cut off, then the packet. */
export function packet(bytes: Uint8Array): void {
  const [linkType = 0, cut = 0] = bytes;
  const content = bytes.subarray(2);
  const buffer = new Uint8Array(content.length + 2 * MARGIN).fill(0xa5);
  buffer.set(content, MARGIN);
  const end = MARGIN + content.length;
  const read = {
    bytes: buffer,
    view: new DataView(buffer.buffer),
    start: MARGIN,
    end,
    originalLength: content.length + cut,
    linkType: linkTypes[linkType % linkTypes.length]!,
    timeNs: 1.5,
    number: 1,
    file: 0,
    interfaceId: 0,
    offset: 0,
  };
  const kind = decode(read, segment);
  if (kind !== SEGMENT) return;
  const { sequence, flags, payloadLength, sackBlocks, payloadStart } = segment;
  if (payloadLength < 0 || sackBlocks < 0 || sackBlocks > 4 || payloadStart > buffer.length)
    throw new Broken(JSON.stringify({ payloadLength, sackBlocks, payloadStart }));
  // The fast way and the general one say the same.
  if (
    decodeLayers(read, segment) !== SEGMENT ||
    segment.sequence !== sequence ||
    segment.flags !== flags ||
    segment.payloadLength !== payloadLength
  )
    throw new Broken("the fast path and the layers differ");
}

export function filter(bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes);
  try {
    compileFilter(text).matches(record);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    if (error.at < 0 || error.at > text.length) throw new Broken(`an error at ${error.at} of ${text.length}`);
  }
}

export const TARGETS = { capture, segments, packet, filter } as const;
export type Target = keyof typeof TARGETS;
