/** How a report names a packet. */

/** A packet as a report names it: its number in its file, or "file:number" where several files were read. */
export type Frame = number | string;
