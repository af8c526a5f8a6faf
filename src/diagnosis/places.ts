/** How rules name what connections share, and how they count in words. */

import type { Frame } from "../report/frame.js";
import { formatEndpoint } from "../report/quantities.js";
import type { ConnectionRecord, Side } from "../report/record.js";

/** "192.0.2.1:443". */
export function serverOf({ server }: ConnectionRecord): string {
  return formatEndpoint(server.address, server.port);
}

export function clientOf({ client }: ConnectionRecord): string {
  return client.address;
}

/** The side's name: a server is named with its port. */
export function hostOf(record: ConnectionRecord, side: Side): string {
  return side === "server" ? serverOf(record) : clientOf(record);
}

/** "192.0.2.7 to 192.0.2.1:443". */
export function pathOf(record: ConnectionRecord): string {
  return `${clientOf(record)} to ${serverOf(record)}`;
}

/** The connection's first packet, as frames are named: its id is that. */
export function firstFrame({ id, frame }: ConnectionRecord): Frame {
  return id.includes(":") ? id : frame;
}
