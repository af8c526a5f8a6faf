/** Data sent in a SYN (TCP Fast Open) in vain: the SYN-ACK leaves it out, or that SYN gets no answer (RFC 7413 §4.2). */
import { formatNumberOf } from "../../report/quantities.js";
import type { ConnectionRecord } from "../../report/record.js";
import { firstFrame, serverOf } from "../places.js";
import type { Group, Rule, Verdict } from "../rule.js";

/** So many SYNs with data lost, and answered without: no matter of chance any more. */
const LEAST_LOST = 2;

/** What became of the data, and what that tells. */
const FORMS = {
  renewed: "the server did not take the cookie and gave a new one",
  refused: "the server left the data out and gave no new cookie",
  bare: "no cookie stood in the SYN where it was captured, and the server left the data out",
  lost: "the SYN was lost, and answered only when it was repeated without data",
} as const;

type Form = keyof typeof FORMS;

export const fastOpenFallback: Rule = {
  id: "fast-open-fallback",
  title: "Fast Open that had to fall back",
  severity: "warning",
  actor: "server",
  confidence: "certain",
  what: "The client sent data in its SYN (TCP Fast Open), and it was for nothing: the SYN-ACK acknowledged the SYN alone, or the SYN was answered only when it was repeated without data.",
  why: "The round trip that Fast Open should save is spent all the same; where the SYN is lost, connecting takes a second longer than without it.",
  advice:
    "after new cookies give all servers behind one address the same key, and keep it over restarts (`net.ipv4.tcp_fastopen_key`); where none comes see `net.ipv4.tcp_fastopen` (2 for servers), the queue given with TCP_FASTOPEN, and `nstat -az 'TcpExtTCPFastOpen*'`; where SYNs are lost look for a firewall that drops SYNs with data or strips the option, and switch Fast Open off at the client until it lets them through",
  mistakenFor:
    "a first connection, which only asks for a cookie; a SYN that would have been lost without data too",
  look(record) {
    const form = formOf(record);
    if (form === null) return null;
    const cost = form === "lost" ? record.retryWaitMs : record.initialRttMs;
    return {
      where: serverOf(record),
      ...(form === "lost" && { actor: "network" as const }),
      frames: [firstFrame(record)],
      ...(cost !== null && { lostMs: cost }),
      sums: { [form]: 1 },
    };
  },
  tell: (group) => ({
    sentence: `${formatNumberOf(group.connections, "connection")} to ${group.where} sent data in the SYN in vain: ${formsIn(group)}`,
    ...lossVerdict(group),
  }),
};

function formOf(record: ConnectionRecord): Form | null {
  const { client, server, synCount, outcome, losses } = record;
  // Of a handshake that nobody completes (a flood, a scan) the payload is no Fast Open.
  if (record.fastOpenData !== "not-accepted" || outcome !== "completed") return null;
  // The answer was to a repeat, and those come without data.
  if (synCount > 1) return losses.includes("syn-lost") ? "lost" : null;
  if (client.offered?.fastOpen !== "cookie") return client.offered === null ? null : "bare";
  return server.offered?.fastOpen === "cookie" ? "renewed" : "refused";
}

/** Each form with the number of its connections, where there are several. */
function formsIn(group: Group): string {
  const forms = (Object.keys(FORMS) as Form[]).filter((form) => group.sum(form) > 0);
  if (forms.length === 1) return FORMS[forms[0]!];
  return forms.map((form) => `${FORMS[form]} (${group.sum(form)})`).join("; ");
}

/** A lost SYN alone may be chance; the same over and over is a box that does not let such SYNs pass. */
function lossVerdict(group: Group): Partial<Verdict> {
  const lost = group.sum("lost");
  if (2 * lost <= group.connections) return {};
  return lost < LEAST_LOST ? { confidence: "possible" } : { confidence: "likely", actor: "middlebox" };
}
