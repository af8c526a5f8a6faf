/**
 * What every capture reader offers: a cursor over packets, filled chunk by chunk.
 *
 * No object is made for a packet: the fields below describe the packet under the cursor and change with `next()`.
 * A reader counts what it could not use in `problems` and never throws for what stands in a packet.
 */

/** The packet under the cursor. `wire/` declares the part of it that decoding needs by itself. */
export interface Packet {
  /** The buffer that holds the packet; replaced or moved by `fill()`, valid until then. */
  bytes: Uint8Array;
  /** The same buffer, for reads of several bytes at once. */
  view: DataView;
  /** Where the captured bytes begin and end (exclusive) in `bytes`. */
  start: number;
  end: number;
  /** Length on the wire in bytes; at least what was captured. */
  originalLength: number;
  /** Nanoseconds since `originNs` (the first packet of the whole input). May be negative after a clock step. */
  timeNs: number;
  /** LINKTYPE_… number as libpcap's registry assigns it. */
  linkType: number;
  /** Which input file, and which interface of the input (unique over all files and sections), both from 0. */
  file: number;
  interfaceId: number;
  /** Number of the packet within its file, from 1, as Wireshark counts. */
  number: number;
  /** Where the packet's record begins in its file, in bytes after decompression. */
  offset: number;
}

/** One thing that was wrong with the input, in words and in place; `count` says how often (the first place is kept). */
export interface CaptureProblem {
  /** Stable name, kebab-case: `cut-in-record`, `length-impossible`, `captured-exceeds-original`, `time-backwards`, … */
  readonly kind: string;
  /** One plain sentence for a person. */
  readonly sentence: string;
  /** True where reading ended there: what follows in the file was not analysed. */
  readonly isFatal: boolean;
  readonly file: number;
  /** Byte offset after decompression, or null where none applies. */
  readonly offset: number | null;
  /** Number of the first packet concerned, or null. */
  readonly frame: number | null;
  count: number;
}

/** An interface as the capture describes it. */
export interface CaptureInterface {
  readonly id: number;
  readonly file: number;
  readonly name: string | null;
  readonly linkType: number;
  /** Most bytes kept of a packet; 0 = no limit. */
  readonly snapLength: number;
  /** Unit of its timestamps in nanoseconds: 1000 for microseconds, 1 for nanoseconds. */
  readonly unitNs: number;
  /** Packets the capturing system itself says it dropped (pcapng statistics block), or null where unknown. */
  droppedPackets: number | null;
}

/** A capture file (or several, merged by time) being read. */
export interface Capture extends Packet {
  /** `pcap`, `pcapng`; with several files `merged`. */
  readonly format: string;
  /** Epoch time of the first packet in nanoseconds, or null before a packet was read. */
  readonly originNs: bigint | null;
  readonly interfaces: readonly CaptureInterface[];
  readonly problems: readonly CaptureProblem[];
  /** Packets whose time lies so far before that of the packet in front of them that the clock must have been set. */
  readonly backwardSteps: number;
  /** Bytes read so far from disk or pipe (compressed where compressed), and in all where the size is known. */
  readonly bytesRead: number;
  readonly bytesTotal: number | null;
  /** Reads more; false when the input is exhausted and every packet was delivered. */
  fill(): Promise<boolean>;
  /** Moves to the next packet held in memory; false when `fill()` is needed. */
  next(): boolean;
  close(): Promise<void>;
}
