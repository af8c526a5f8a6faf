/**
 * What decoding needs to know of a captured packet: its bytes and where it came from.
 *
 * The readers' cursor fits this shape; declaring it here keeps this folder free of imports from the rest of the program.
 * Decoding only reads these fields.
 */

/** A captured packet as decoding sees it. `view` covers the same bytes as `bytes`, index for index. */
export interface PacketBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where the captured bytes begin and end (exclusive) in `bytes`. */
  readonly start: number;
  readonly end: number;
  /** Length on the wire in bytes. */
  readonly originalLength: number;
  /** LINKTYPE_… number of libpcap's registry. */
  readonly linkType: number;
  /** Nanoseconds since the first packet of the input. */
  readonly timeNs: number;
  /** Number within the file, from 1; file, interface and record offset as the reader counts them. */
  readonly number: number;
  readonly file: number;
  readonly interfaceId: number;
  readonly offset: number;
}
