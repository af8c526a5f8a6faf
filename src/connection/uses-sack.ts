/** Whether the two ends of a connection use SACK (RFC 2018 §2): as their SYNs agreed, or else as they act. */
import { connectionOf, OFFER_SACK, OFFERS_CUT, STRIDE } from "./columns.js";
import { type Connections, HAS_SACKED } from "./connections.js";

/** Duplicate acknowledgments of a side after which one with SACK would have come, were it in use. */
const ENOUGH_DUPLICATES = 3;

/** Whether the two ends use SACK, as far as their SYNs tell, or else what they do; `row`: one of them. */
export function usesSack(connections: Connections, row: number): boolean {
  const { endpoints: e } = connections;
  const client = connectionOf(row);
  const server = client + STRIDE;
  const isUnknown = e.synCount[client] === 0 && e.synCount[server] === 0;
  const isRefused =
    (e.synCount[client]! > 0 && !(e.options[client]! & (OFFER_SACK | OFFERS_CUT))) ||
    (e.synCount[server]! > 0 && !(e.options[server]! & (OFFER_SACK | OFFERS_CUT))) ||
    (isUnknown && hasBareDuplicates(connections, client));
  if (!isRefused) return true;
  return (connections.columns.marks[client]! & HAS_SACKED) !== 0;
}

/** What arrives out of order is reported at once (RFC 2018 §4): whoever repeats a number without SACK has none. */
function hasBareDuplicates({ endpoints: e, rare }: Connections, client: number): boolean {
  const { duplicateAcks } = rare;
  const [ofClient, ofServer] = [e.rareRow[client]!, e.rareRow[client + STRIDE]!];
  return duplicateAcks[ofClient]! >= ENOUGH_DUPLICATES || duplicateAcks[ofServer]! >= ENOUGH_DUPLICATES;
}
