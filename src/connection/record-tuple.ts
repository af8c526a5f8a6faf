/** A record's four-tuple as decoding would have it: to find its packets again in a second reading. */
import ipaddr from "ipaddr.js";
import type { ConnectionRecord } from "../report/record.js";
import { Segment } from "../wire/segment.js";

/** The record's tuple as a segment from its client carries it. */
export function tupleOf({ client, server, overlay }: ConnectionRecord): Segment {
  const tuple = new Segment();
  tuple.ipVersion = client.address.includes(":") ? 6 : 4;
  [tuple.source0, tuple.source1, tuple.source2, tuple.source3] = words(client.address);
  [tuple.destination0, tuple.destination1, tuple.destination2, tuple.destination3] = words(server.address);
  tuple.sourcePort = client.port;
  tuple.destinationPort = server.port;
  tuple.overlayId = overlay === null ? 0 : overlay + 1;
  return tuple;
}

function words(address: string): [number, number, number, number] {
  const bytes = ipaddr.parse(address).toByteArray();
  const word = (i: number) =>
    ((bytes[i * 4] ?? 0) << 24) |
    ((bytes[i * 4 + 1] ?? 0) << 16) |
    ((bytes[i * 4 + 2] ?? 0) << 8) |
    (bytes[i * 4 + 3] ?? 0);
  return [word(0), word(1), word(2), word(3)];
}
