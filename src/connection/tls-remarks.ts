/** What a ladder says beside the segments that complete a ClientHello, a ServerHello or an alert. */
import { alertText, clientHelloText, serverHelloText } from "../report/tls-words.js";
import { tlsRecordOf } from "./describe-tls.js";
import type { TlsFacts, TlsNote } from "./tls-facts.js";
import type { TlsHandshakes } from "./tls-handshakes.js";
import { packTls } from "./tls-result.js";

export class TlsRemarks {
  #noted: string[] = [];

  /** Hears of every handshake in `tls` from here on. */
  constructor(tls: TlsHandshakes) {
    tls.listener = (facts, note) => this.#noted.push(remark(facts, note));
  }

  /** What was noted since this was asked last. */
  take(): string[] {
    const noted = this.#noted;
    this.#noted = [];
    return noted;
  }
}

function remark(facts: TlsFacts, note: TlsNote): string {
  const tls = tlsRecordOf(packTls(facts), 0, []);
  switch (note) {
    case "client-hello":
      return clientHelloText(tls);
    case "server-hello":
      return serverHelloText(tls);
    case "retry-request":
      return "HelloRetryRequest";
    default:
      return tls.alertsOmitted > 0 ? "another alert" : alertText(tls.alerts.at(-1)!);
  }
}
