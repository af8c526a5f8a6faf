/**
 * Where bytes come from, and what is thrown when they cannot be had. Needs nothing of Node.
 *
 * A source is read once, from front to back, into the caller's own buffer. What came before an error was delivered.
 */

/** How the bytes on disk are compressed, told by content. */
export type Compression = "gzip" | "zstd" | "lz4" | "xz";

/** A stream of bytes, decompressed where it was compressed. */
export interface Source {
  /** The path as it was given, or `standard input`; may hold control characters. */
  readonly name: string;
  /** Reads at most `length` bytes into `into` at `offset`; a short read returns at once, 0 is the end. */
  read(into: Uint8Array, offset: number, length: number): Promise<number>;
  /** Bytes taken from disk or pipe so far (compressed where compressed). */
  readonly bytesRead: number;
  /** Size on disk in bytes, or null for pipes. */
  readonly bytesTotal: number | null;
  readonly compression: Compression | null;
  /** Whether the end is not the input's: reading was stopped while more was still being written. */
  readonly isStopped?: boolean;
  close(): Promise<void>;
}

/** Why a source failed; stable names. */
export type SourceErrorKind =
  | "no-such-file"
  | "is-a-directory"
  | "no-permission"
  | "is-a-terminal"
  | "unreadable"
  /** The compressed stream ends before its end mark. */
  | "compressed-cut"
  /** The compressed stream breaks the rules of its format, or its checksum does not hold. */
  | "compressed-corrupt"
  /** A feature of the format that is not supported here. */
  | "compressed-unsupported"
  | "no-such-interface"
  | "interface-down"
  /** The interface went away, or down, while it was captured from. */
  | "interface-gone"
  | "wrong-filter"
  /** What captures is not installed: libpcap, koffi or tcpdump. */
  | "cannot-capture"
  /** The file that packets are written to takes no more. */
  | "cannot-write";

/** Bytes that cannot be had; `message` is one plain sentence that is safe to print. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly kind: SourceErrorKind;
  /** The name as it was given, unescaped: never print it as it is. */
  readonly path: string;
  /** What is said of it: the message without the name. */
  readonly sentence: string;

  constructor(kind: SourceErrorKind, path: string, sentence: string, options?: ErrorOptions) {
    super(`${printable(path)}: ${sentence}`, options);
    this.kind = kind;
    this.path = path;
    this.sentence = sentence;
  }
}

/** Replaces control characters, and those that reorder or hide text, by `?`. */
function printable(path: string): string {
  return path.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Surrogate}/gu,
    "?",
  );
}
