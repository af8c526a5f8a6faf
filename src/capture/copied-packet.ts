/** A cursor that shows the packet under another one's: base of captures that are made of captures. */
import type { Packet } from "./packet.js";

export abstract class CopiedPacket implements Packet {
  bytes = new Uint8Array(0);
  view = new DataView(this.bytes.buffer);
  start = 0;
  end = 0;
  originalLength = 0;
  // Halves, so that V8 keeps these fields as doubles from the beginning.
  timeNs = 0.5;
  linkType = 0;
  file = 0;
  interfaceId = 0;
  number = 0;
  offset = 0.5;

  /** Shows the packet under `from`, until that moves on. */
  protected show(from: Packet): void {
    if (this.bytes !== from.bytes) this.bytes = from.bytes as Uint8Array<ArrayBuffer>;
    if (this.view !== from.view) this.view = from.view as DataView<ArrayBuffer>;
    this.start = from.start;
    this.end = from.end;
    this.originalLength = from.originalLength;
    this.timeNs = from.timeNs;
    this.linkType = from.linkType;
    this.file = from.file;
    this.interfaceId = from.interfaceId;
    this.number = from.number;
    this.offset = from.offset;
  }
}
