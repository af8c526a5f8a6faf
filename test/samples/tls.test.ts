/** The samples with TLS against what both applications' TLS library said of their handshakes while they were recorded. */
import { describe, expect, it } from "vitest";
import { hasTruth, recordsOf, SAMPLES, truthOf } from "./samples.js";

interface TrueTls {
  readonly version?: string;
  readonly cipher?: string;
  readonly alpn?: string;
  readonly name: string;
  readonly handshakeNs?: number;
  /** Why it failed, in OpenSSL's words. */
  readonly error?: string;
}

const told = SAMPLES.filter(hasTruth)
  .map((sample) => ({ ...sample, tls: (truthOf(sample) as { tls?: readonly TrueTls[] }).tls ?? [] }))
  .filter(({ tls }) => tls.length > 0);

/** The application hears a little later than the wire, and is kept waiting by what else runs. */
const MOST_LATER_MS = 10;

/** Names of OpenSSL → those of the IANA, for TLS 1.2. */
const ianaName = (cipher: string) =>
  cipher.startsWith("TLS_")
    ? cipher
    : `TLS_${cipher
        .replace(/^(\w+)-(\w+)-/, "$1_$2_WITH_")
        .replace(/AES(\d+)/, "AES_$1")
        .replaceAll("-", "_")}`;

it("are there", () => expect(told.map(({ name }) => name)).toEqual(["tls-alert", "tls-up-app-down", "tls"]));

describe.each(told)("$name", ({ tls: handshakes, ...sample }) => {
  it("tells what the applications' library said", async () => {
    const records = await recordsOf(sample.file);
    expect(records).toHaveLength(handshakes.length);
    for (const [i, truth] of handshakes.entries()) {
      const tls = records[i]!.tls!;
      expect(tls.sni).toBe(truth.name);
      expect(tls.isTruncated).toBe(false);
      if (truth.error !== undefined) {
        expect(tls).toMatchObject({
          handshakeMs: null,
          serverHelloMs: null,
          alerts: [{ by: "server", kind: "clear", level: "fatal" }],
        });
        expect(truth.error.toLowerCase()).toContain(tls.alerts[0]!.description);
        continue;
      }
      expect(tls.version!.replace(" ", "")).toBe(truth.version!.replace("SSL", "").replace("TLSv", "TLS"));
      expect(tls.cipherName).toBe(ianaName(truth.cipher!));
      if (tls.alpn !== null) expect(tls.alpn).toBe(truth.alpn);
      expect(tls.alpnOffered).toContain(truth.alpn);
      // Where the story is what came behind the handshake, its time was not taken.
      if (truth.handshakeNs === undefined) continue;
      const tookMs = truth.handshakeNs / 1e6;
      expect(tls.handshakeMs).toBeLessThan(tookMs);
      expect(tls.handshakeMs).toBeGreaterThan(tookMs - MOST_LATER_MS);
      expect(tls.alerts).toEqual([]);
    }
  });
});
