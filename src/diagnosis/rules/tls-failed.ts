/** TLS handshakes that one side broke off in the clear (RFC 8446 §6.2). */
import { formatNumberOf } from "../../report/quantities.js";
import { serverOf } from "../places.js";
import type { Rule } from "../rule.js";

export const tlsFailed: Rule = {
  id: "tls-failed",
  title: "TLS handshakes that fail",
  severity: "problem",
  actor: "unknown",
  confidence: "certain",
  what: "The connection opened, and one side ended the TLS handshake with a fatal alert in the clear, which names the reason.",
  why: "To TCP all went well; the application has no connection. Every attempt fails the same way until a setting changes.",
  advice:
    "the alert's name tells where to look: protocol_version and handshake_failure are versions and ciphers without a common one, unknown_ca and bad_certificate a certificate that the other side does not trust, unrecognized_name a host name that the server does not serve (`openssl s_client -connect HOST:PORT -servername NAME`)",
  mistakenFor: "a close_notify, which ends a connection in order",
  look(record) {
    const { tls } = record;
    const alert = tls?.alerts.find(({ kind, level }) => kind === "clear" && level === "fatal");
    if (!tls || !alert || tls.clientDataMs !== null) return null;
    const name = tls.sni === null ? "" : ` for ${tls.sni}`;
    return {
      where: `${serverOf(record)}${name}: the ${alert.by} says ${alert.description ?? "something unknown"}`,
      frames: [tls.helloFrame, alert.frame],
    };
  },
  tell({ where, connections }) {
    return { sentence: `${formatNumberOf(connections, "TLS handshake")} failed with ${where}` };
  },
};
