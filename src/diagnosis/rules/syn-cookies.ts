/** A server that answers with SYN cookies (RFC 4987 §3.6). */
import { formatCount, formatNumberOf } from "../../report/quantities.js";
import type { HostRule } from "../rule.js";

/** Handshakes that their timestamps judge, and cookies among them. */
const LEAST_JUDGED = 20;
const LEAST = 10;

export const synCookies: HostRule = {
  id: "syn-cookies",
  title: "Handshakes by SYN cookie",
  severity: "warning",
  actor: "server",
  confidence: "likely",
  what: "A server keeps nothing of a SYN and puts what it must know into its SYN-ACK. A Linux cookie keeps the client's options in the last bits of its timestamp, which then lags behind the server's clock by up to 64 ms: of 20 handshakes and more, 10 and more have SYN-ACKs that are older, by that clock, than the SYNs they answer.",
  why: "The listener's queue was full, or cookies are always on. A cookie has no room for options without timestamps (no window scale, no SACK), turns Fast Open off, and is never sent again: where the client's ACK is lost, a server that speaks first stays silent.",
  advice:
    "see `nstat -az TcpExtSyncookiesSent TcpExtTCPReqQFullDoCookies` at the server and look for a flood of SYNs; where only real clients come, raise the queue (the backlog of listen(), `net.core.somaxconn`, `net.ipv4.tcp_max_syn_backlog`) and accept faster; `net.ipv4.tcp_syncookies` is 1 for when the queue is full, 2 for always",
  mistakenFor:
    "SYN-ACKs that were held up on their way: those come late, and are not older than their SYNs; a box in front of the server that answers SYNs in its place by cookies of its own",
  tellHost({ name, clockedHandshakes, synCookies: cookies, withoutOptions }, side) {
    if (side !== "server" || clockedHandshakes < LEAST_JUDGED || cookies < LEAST) return null;
    const lost =
      withoutOptions > 0
        ? `; ${formatCount(withoutOptions)} that came without timestamps got neither window scale nor SACK`
        : "";
    return {
      connections: cookies,
      sentence: `${name} answered at least ${formatNumberOf(cookies, "handshake")} of ${formatCount(clockedHandshakes)} with SYN cookies${lost}`,
    };
  },
};
