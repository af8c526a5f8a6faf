/**
 * The interfaces of all inputs under one numbering, and the host names that captures bring along.
 *
 * Shared by the readers of one run, so that an interface number means the same interface in every file and section.
 */
import type { CaptureInterface } from "./packet.js";

/** Name records kept at most; what comes after is left out, since a capture may hold any number. */
export const NAMES_MAX = 10_000;

export class InterfaceTable {
  readonly list: CaptureInterface[] = [];
  /** Address as text (as `wire` prints it is up to the reader of this map) to name, from name resolution blocks. */
  readonly names = new Map<string, string>();

  /** Adds an interface and returns it; its `id` is unique over all files and sections. */
  add(
    file: number,
    name: string | null,
    linkType: number,
    snapLength: number,
    unitNs: number,
  ): CaptureInterface {
    const entry: CaptureInterface = {
      id: this.list.length,
      file,
      name,
      linkType,
      snapLength,
      unitNs,
      droppedPackets: null,
    };
    this.list.push(entry);
    return entry;
  }

  /** Keeps the first name of an address, up to the bound. */
  addName(address: string, name: string): void {
    if (this.names.size < NAMES_MAX && !this.names.has(address)) this.names.set(address, name);
  }
}
