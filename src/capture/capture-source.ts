/**
 * What a capture reader asks of the place its bytes come from; files, pipes and decompressors offer it.
 *
 * Reading is the only thing that waits. A reader never asks for more than it can hold and never seeks.
 */

/** A stream of bytes that is read once, in order. */
export interface CaptureSource {
  /** What the input is called in sentences: the path as given, or `standard input`. */
  readonly name: string;
  /** Bytes taken from disk or pipe so far (compressed where compressed). */
  readonly bytesRead: number;
  /** Bytes on disk in all, or null where nobody knows (a pipe). */
  readonly bytesTotal: number | null;
  /** Whether the end is not the input's: reading was stopped while more was still being written. */
  readonly isStopped?: boolean;
  /** The interface that the bytes are captured from just now; absent for files and pipes. */
  readonly interfaceName?: string;
  /** Packets that its capturing system dropped so far; absent where the bytes themselves say it, or nobody does. */
  readonly droppedPackets?: number;
  /**
   * Reads up to `length` bytes into `into` at `offset` and says how many came; 0 means the end.
   * A short read returns what is there. Throws when the bytes cannot be had; what came before has been delivered.
   */
  read(into: Uint8Array, offset: number, length: number): Promise<number>;
  close(): Promise<void>;
}
