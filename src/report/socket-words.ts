/** What a capturing host's kernel says of the sockets of a connection, in clauses. */
import { formatBytes, formatCount, formatDuration } from "./quantities.js";
import type { ConnectionRecord, EndpointRecord, Side } from "./record.js";

/** "of the server's socket java (4312) on this host the kernel says CLOSE_WAIT, 1 B unread"; one for each end. */
export function socketClauses(record: ConnectionRecord): string[] {
  return (["client", "server"] as const).flatMap((side) => clausesOf(record[side], side));
}

function clausesOf({ socket, state }: EndpointRecord, side: Side): string[] {
  if (!socket) return [];
  const { process, pid, receiveQueueBytes, sendQueueBytes, wireState } = socket;
  const owner = pid === null ? "" : ` of ${process || "process"} (${pid})`;
  const facts = [
    receiveQueueBytes > 0 ? `${formatBytes(receiveQueueBytes)} not read by its application` : "",
    sendQueueBytes > 0 ? `${formatBytes(sendQueueBytes)} not acknowledged by the peer` : "",
    ...transfer(socket),
  ].filter((fact) => fact !== "");
  const said = [
    `the ${side}'s socket on this host${owner} is in ${socket.state} by its kernel`,
    ...facts,
  ].join(", ");
  const clauses = [said];
  if (wireState !== null)
    clauses.push(
      `the wire showed ${wireState} at the same time, for longer than a round trip: packets between are not in the capture`,
    );
  else if (socket.state === "CLOSE_WAIT" && state === "CLOSE_WAIT")
    clauses.push(`${pid === null ? "its process" : `${process || "process"} (${pid})`} has not closed it`);
  return clauses;
}

function transfer({
  roundTripMs,
  congestionWindow,
  retransmits,
  retransmitsInFlight,
  backoffs,
}: NonNullable<EndpointRecord["socket"]>): string[] {
  return [
    roundTripMs !== null && roundTripMs > 0 ? `RTT ${formatDuration(roundTripMs)}` : "",
    congestionWindow !== null ? `congestion window ${formatCount(congestionWindow)}` : "",
    retransmits !== null && retransmits > 0 ? `${formatCount(retransmits)} sent again` : "",
    retransmitsInFlight !== null && retransmitsInFlight > 0
      ? `${formatCount(retransmitsInFlight)} of them on the way`
      : "",
    backoffs !== null && backoffs > 0 ? `its timer doubled ${formatCount(backoffs)} times` : "",
  ];
}
