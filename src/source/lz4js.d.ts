/**
 * The part of lz4js that is used here; the package brings no declarations of its own.
 */
declare module "lz4js" {
  const lz4: {
    /** Decompresses one block into `destination` and returns the index behind its last byte; checks no bounds. */
    decompressBlock(
      source: Uint8Array,
      destination: Uint8Array,
      sourceIndex: number,
      sourceLength: number,
      destinationIndex: number,
    ): number;
  };
  export default lz4;
}
