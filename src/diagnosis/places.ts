/** How rules name what connections share, and how they count in words. */

import type { Frame } from "../report/frame.js";
import { formatCount, formatDuration, formatEndpoint, formatNumberOf } from "../report/quantities.js";
import type { ConnectionRecord, Side } from "../report/record.js";
import { type Group, MOST_HOSTS, type Sighting } from "./rule.js";

/** "192.0.2.1:443". */
export function serverOf({ server }: ConnectionRecord): string {
  return formatEndpoint(server.address, server.port);
}

export function clientOf({ client }: ConnectionRecord): string {
  return client.address;
}

/** Where a sighting belongs that is that side's doing. */
export function ofSide(record: ConnectionRecord, side: Side): Pick<Sighting, "where" | "isOfClientToo"> {
  return { where: serverOf(record), isOfClientToo: side === "client" };
}

/** "192.0.2.7 to 192.0.2.1:443". */
export function pathOf(record: ConnectionRecord): string {
  return `${clientOf(record)} to ${serverOf(record)}`;
}

/** Writes how many hosts a group has: "1 client", "12 clients", "1,000 clients or more". */
export function formatHosts(count: number, singular: string, plural = `${singular}s`): string {
  return count >= MOST_HOSTS
    ? `${formatCount(MOST_HOSTS)} ${plural} or more`
    : formatNumberOf(count, singular, plural);
}

/** The range of the group's times by this name: "5.00 s", or "4.80 s to 5.20 s" where they differ. */
export function formatRange(group: Group, name: string): string {
  const [least, most] = [formatDuration(group.least(name)), formatDuration(group.most(name))];
  return least === most ? most : `${least} to ${most}`;
}

/** The longest of the group's times by this name: "5.00 s" of one connection, "up to 5.00 s" of several. */
export function formatLongest(group: Group, name: string): string {
  return `${group.connections > 1 ? "up to " : ""}${formatDuration(group.most(name))}`;
}

/** The group's client, or how many; its server, likewise. */
export function endsOf(group: Group): { clients: string; servers: string } {
  return {
    clients: group.client ?? formatHosts(group.clients, "client"),
    servers: group.server ?? formatHosts(group.servers, "server"),
  };
}

/** Whose doing the group is, which was sighted `ofSide`: "192.0.2.1:443", "192.0.2.7", "12 clients of 192.0.2.1:443". */
export function whoOf(group: Group): string {
  const { clients, servers } = endsOf(group);
  if (!group.isOfClients) return servers;
  return group.client ?? `${clients} of ${servers}`;
}

/** The connection's first packet, as frames are named: its id is that. */
export function firstFrame({ id, frame }: ConnectionRecord): Frame {
  return id.includes(":") ? id : frame;
}
