/**
 * Opens captures: tells pcap from pcapng by the first bytes, never by the name, and joins several inputs into one.
 *
 * What is no capture is refused with a `CaptureError` that names the format where it is a known one.
 */
import { CaptureError, type CaptureErrorKind } from "./capture-error.js";
import type { CaptureSource } from "./capture-source.js";
import { InterfaceTable } from "./interface-table.js";
import { MergedCapture } from "./merged-capture.js";
import { describeOtherFormat, SIGNATURE_BYTES } from "./other-formats.js";
import type { Capture } from "./packet.js";
import { isPcapMagic, PCAP_HEADER_BYTES, PcapReader, recordHeaderSize } from "./pcap-reader.js";
import { isPcapngMagic, PcapngReader } from "./pcapng-reader.js";
import { bufferBytes } from "./read-ahead.js";
import type { ReaderInput } from "./record-reader.js";

/** Bytes read at once from one input. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** Bytes for the chunks of all inputs together, two for each, so that a ring of a thousand files needs no gigabyte. */
const CHUNKS_BYTES_MAX = 64 * 1024 * 1024;
const CHUNK_BYTES_MIN = 64 * 1024;
/** Bytes that must be there at the beginning to tell every format. */
const HEAD_BYTES = 28;
/** Where the record layout of a modified pcap cannot be told by then, the common one is taken. */
const LAYOUT_BYTES_MAX = 64 * 1024;

export interface OpenOptions {
  /** Bytes read at once from an input; 1 MiB by default, less where there are more than 32 inputs. */
  readonly chunkBytes?: number;
}

/** A capture with what its name resolution blocks brought along. */
export interface OpenedCapture extends Capture {
  /** IP address (IPv6 as eight hexadecimal groups) to host name; at most 10,000, filled while reading. */
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Opens one or several sources as one capture; on an error every source is closed.
 * Throws `CaptureError` where an input is empty, another format, or fails before its first packet record.
 */
export async function openCapture(
  sources: readonly CaptureSource[],
  options: OpenOptions = {},
): Promise<OpenedCapture> {
  const table = new InterfaceTable();
  const share = Math.floor(CHUNKS_BYTES_MAX / (2 * Math.max(1, sources.length)));
  const chunkBytes = options.chunkBytes ?? Math.min(CHUNK_BYTES, Math.max(CHUNK_BYTES_MIN, share));
  try {
    // All at once, so that a pipe that is silent still does not hold up the others; in order for interface numbers.
    const starts = await Promise.all(
      sources.map((source, file) => readStart(source, file, chunkBytes, table)),
    );
    const readers = starts.map(openReader);
    const capture = readers.length === 1 ? readers[0]! : new MergedCapture(readers, ranksOf(sources));
    return Object.assign(capture, { names: table.names });
  } catch (error) {
    await Promise.allSettled(sources.map((source) => source.close()));
    throw error;
  }
}

/** Place of each source in the order of their names as reports show them: the last part of the path, then all of it. */
function ranksOf(sources: readonly CaptureSource[]): number[] {
  const shown = ({ name }: CaptureSource) =>
    name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  const order = sources
    .map((source, file) => ({ file, key: `${shown(source)}\0${source.name}` }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.file - b.file));
  const ranks: number[] = [];
  order.forEach(({ file }, rank) => {
    ranks[file] = rank;
  });
  return ranks;
}

interface Start extends ReaderInput {
  readonly isWhole: boolean;
  readonly recordHeaderBytes: number;
}

function openReader(start: Start): Capture {
  if (isPcapngMagic(magicOf(start.bytes, false))) return new PcapngReader(start);
  return new PcapReader(start, start.recordHeaderBytes);
}

/** Reads until the format is certain. */
async function readStart(
  source: CaptureSource,
  file: number,
  chunkBytes: number,
  interfaces: InterfaceTable,
): Promise<Start> {
  let bytes = new Uint8Array(Math.max(bufferBytes(chunkBytes), SIGNATURE_BYTES));
  let filled = 0;
  let isWhole = false;
  const readUntil = async (wanted: number): Promise<void> => {
    if (wanted > bytes.length) {
      const larger = new Uint8Array(wanted);
      larger.set(bytes.subarray(0, filled));
      bytes = larger;
    }
    while (!isWhole && filled < wanted) {
      const count = await readSome(
        source,
        bytes,
        filled,
        Math.min(bytes.length, Math.max(wanted, chunkBytes)) - filled,
      );
      if (count === 0) isWhole = true;
      filled += count;
    }
  };
  await readUntil(4);
  if (filled === 0) throw new CaptureError("empty", source.name, "is empty: there is nothing to read");
  const isPcap = filled >= 4 && isPcapMagic(magicOf(bytes, true), magicOf(bytes, false));
  const isPcapng = filled >= 4 && isPcapngMagic(magicOf(bytes, false));
  if (!isPcap && !isPcapng) {
    await readUntil(SIGNATURE_BYTES);
    throw refuse(source.name, bytes.subarray(0, filled));
  }
  await readUntil(isPcap ? PCAP_HEADER_BYTES : HEAD_BYTES - 16);
  let headerBytes: number | null = 16;
  if (isPcap && filled >= PCAP_HEADER_BYTES) {
    while ((headerBytes = recordHeaderSize(bytes, filled, isWhole || filled >= LAYOUT_BYTES_MAX)) === null) {
      await readUntil(filled + 1);
    }
  }
  return { source, bytes, chunkBytes, filled, file, interfaces, isWhole, recordHeaderBytes: headerBytes };
}

async function readSome(
  source: CaptureSource,
  into: Uint8Array,
  offset: number,
  length: number,
): Promise<number> {
  try {
    return await source.read(into, offset, length);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const prefix = `${source.name}: `;
    const sentence = message.startsWith(prefix) ? message.slice(prefix.length) : message;
    // Bytes that came before the failure can still tell what the file is, but not one packet.
    throw new CaptureError("unreadable", source.name, sentence, { cause: error });
  }
}

function refuse(path: string, head: Uint8Array): CaptureError {
  const described = describeOtherFormat(head);
  const kind: CaptureErrorKind = described === null ? "not-a-capture" : "other-format";
  const sentence =
    described ??
    `is no packet capture that is known here (pcap or pcapng expected, the first bytes are ${hexOf(head.subarray(0, 4))})`;
  return new CaptureError(kind, path, sentence);
}

function magicOf(bytes: Uint8Array, isLittleEndian: boolean): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, isLittleEndian);
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
