/**
 * What the four decompressors offer: the decompressed bytes piece by piece, each piece of bounded size.
 *
 * A decoder reads compressed bytes only when it is asked for more, so nothing piles up behind a slow reader.
 */

export interface BlockDecoder {
  /**
   * The next piece, valid until the next call, or null at the orderly end. Throws `SourceError` where the stream is cut
   * or damaged, after everything in front of that place has been returned.
   */
  next(): Promise<Uint8Array | null>;
  /** Lets go of what the decoder holds; may be called at any time. */
  close(): Promise<void>;
}
