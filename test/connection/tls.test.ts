/** What is told of TLS handshakes: versions, names, alerts and times, and nothing where there is no TLS. */
import { describe, expect, it } from "vitest";
import { sentenceFor } from "../../src/report/sentence.js";
import type { TlsRecord } from "../../src/report/tls-record.js";
import type { Bytes } from "../wire/packet-builder.js";
import { CLOSE, c, HANDSHAKE, observe, recordsOf, type Step, s } from "./conversation.js";
import {
  END_12,
  FLIGHT_12,
  FLIGHT_13,
  HELLO,
  HELLO_12,
  NAME,
  read,
  segments,
  tlsOf,
  WHOLE_13,
} from "./tls-conversations.js";
import {
  alert,
  ascii,
  CHANGE,
  clientHello,
  encrypted,
  FINISHED_13,
  message,
  record,
  serverHello,
} from "./tls-messages.js";

describe("a handshake of TLS 1.3", () => {
  it("is told with its times", async () => {
    expect(await tlsOf(WHOLE_13)).toEqual({
      sni: NAME,
      isTruncated: false,
      isBrokenOff: false,
      versionOffered: "TLS 1.3",
      version: "TLS 1.3",
      alpnOffered: ["h2", "http/1.1"],
      alpn: null,
      cipher: 0x1301,
      cipherName: "TLS_AES_128_GCM_SHA256",
      helloAtMs: 30,
      helloFrame: 4,
      serverHelloMs: 20,
      handshakeMs: 26,
      clientDataMs: 28,
      serverDataMs: 48,
      requestMs: 28,
      sessionTickets: 0,
      answerMs: 48,
      hasEarlyData: false,
      helloRetryRequests: 0,
      alerts: [],
      alertsOmitted: 0,
    });
  });

  it("tells session tickets, which are all of one length, from an answer", async () => {
    const behind = (...records: Bytes[]): Promise<TlsRecord | null> =>
      tlsOf([
        ...segments(c, HELLO),
        ...segments(s, FLIGHT_13, 1460, 20),
        c("PSH ACK", { payload: [...FINISHED_13, ...encrypted(200)], after: 4 }),
        ...records.map((payload) => s("PSH ACK", { payload, after: 20 })),
      ]);
    const ticket = encrypted(234);
    const data = { handshakeMs: 25, serverDataMs: 45 };
    const two = [...ticket, ...ticket];
    expect(await behind(two)).toMatchObject({ ...data, sessionTickets: 2, answerMs: null });
    expect(await behind(two, encrypted(500))).toMatchObject({ ...data, sessionTickets: 2, answerMs: 65 });
    // One alone may be an answer; so may what is too short for a ticket, or comes again and again.
    expect(await behind(ticket)).toMatchObject({ ...data, sessionTickets: 0, answerMs: 45 });
    expect(await behind(encrypted(40), encrypted(40))).toMatchObject({ sessionTickets: 0, answerMs: 45 });
    const many = Array.from({ length: 12 }, () => ticket);
    expect(await behind(...many)).toMatchObject({ sessionTickets: 0, answerMs: 45 });
  });

  it("with a HelloRetryRequest costs another round trip", async () => {
    const tls = await tlsOf([
      ...segments(c, HELLO),
      s("PSH ACK", {
        payload: [...record(22, serverHello({ version: 0x0304, isRetry: true })), ...CHANGE],
        after: 20,
      }),
      c("PSH ACK", { payload: [...CHANGE, ...HELLO], after: 3 }),
      s("PSH ACK", {
        payload: [...record(22, serverHello({ version: 0x0304 })), ...encrypted(900)],
        after: 20,
      }),
      c("PSH ACK", { payload: FINISHED_13, after: 1 }),
    ]);
    expect(tls).toMatchObject({
      helloRetryRequests: 1,
      serverHelloMs: 43,
      handshakeMs: 44,
      version: "TLS 1.3",
    });
  });

  it("of a client with a certificate ends with its Finished, not with its first record", async () => {
    const tls = await tlsOf([
      ...segments(c, HELLO),
      ...segments(s, FLIGHT_13, 1460, 20),
      c("PSH ACK", { payload: [...CHANGE, ...encrypted(1000), ...encrypted(281)], after: 4 }),
      c("PSH ACK", { payload: FINISHED_13, after: 1 }),
      c("PSH ACK", { payload: encrypted(90), after: 6 }),
    ]);
    expect(tls).toMatchObject({ handshakeMs: 20 + 1 + 4 + 1, clientDataMs: 32 });
  });

  it("whose Finished is padded ends with the client's first record", async () => {
    const tls = await tlsOf([
      ...segments(c, HELLO),
      ...segments(s, FLIGHT_13, 1460, 20),
      c("PSH ACK", { payload: encrypted(255), after: 4 }),
      c("PSH ACK", { payload: encrypted(255), after: 6 }),
    ]);
    expect(tls).toMatchObject({ handshakeMs: 25, clientDataMs: 31 });
  });

  it("with early data counts that as the client's first data", async () => {
    const hello = record(22, clientHello({ name: NAME, versions: [0x0304], earlyData: true }));
    const tls = await tlsOf([
      c("PSH ACK", { payload: [...hello, ...encrypted(200)] }),
      ...segments(s, FLIGHT_13, 1460, 20),
      c("PSH ACK", { payload: [...encrypted(21), ...FINISHED_13], after: 5 }),
      s("PSH ACK", { payload: encrypted(250), after: 20 }),
    ]);
    expect(tls).toMatchObject({ hasEarlyData: true, clientDataMs: 0, handshakeMs: 26, serverDataMs: 46 });
  });

  it("with a record of an alert's size says that it is possibly one", async () => {
    const tls = await tlsOf([
      ...segments(c, HELLO),
      ...segments(s, FLIGHT_13, 1460, 20),
      c("PSH ACK", { payload: encrypted(19), after: 4 }),
    ]);
    expect(tls).toMatchObject({
      handshakeMs: null,
      clientDataMs: null,
      alerts: [{ by: "client", kind: "possible", level: null, description: null, frame: 7, atMs: 55 }],
    });
  });
});

describe("a handshake of TLS 1.2", () => {
  it("is told with its times and the protocol chosen", async () => {
    const tls = await tlsOf([
      ...segments(c, HELLO_12),
      ...segments(s, FLIGHT_12, 1460, 20),
      c("PSH ACK", { payload: [...record(22, message(16, [1, 2, 3])), ...END_12], after: 5 }),
      s("PSH ACK", { payload: END_12, after: 20 }),
      c("PSH ACK", { payload: encrypted(300), after: 2 }),
      s("PSH ACK", { payload: encrypted(250), after: 20 }),
    ]);
    expect(tls).toMatchObject({
      versionOffered: "TLS 1.2",
      version: "TLS 1.2",
      alpn: "h2",
      cipherName: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      serverHelloMs: 20,
      handshakeMs: 46,
      clientDataMs: 48,
      serverDataMs: 68,
    });
  });

  it("that is broken off tells the alert, and an encrypted one that it is one", async () => {
    const { tls } = await read([
      ...HANDSHAKE,
      ...segments(c, HELLO_12),
      s("PSH ACK", { payload: alert(2, 40) }),
      ...CLOSE,
    ]);
    expect(tls!.alerts).toEqual([
      { by: "server", kind: "clear", level: "fatal", description: "handshake_failure", atMs: 40, frame: 5 },
    ]);
    const later = await tlsOf([
      ...segments(c, HELLO_12),
      ...segments(s, FLIGHT_12),
      c("PSH ACK", { payload: [...record(22, message(16, [1])), ...END_12] }),
      s("PSH ACK", { payload: encrypted(26, 21) }),
    ]);
    expect(later!.alerts).toMatchObject([
      { by: "server", kind: "protected", level: null, description: null },
    ]);
  });

  it("counts the alerts beyond those it lists", async () => {
    const tls = await tlsOf([
      ...segments(c, HELLO_12),
      s("PSH ACK", { payload: Array.from({ length: 6 }, () => alert(1, 90)).flat() }),
    ]);
    expect(tls!.alerts).toHaveLength(4);
    expect(tls!.alertsOmitted).toBe(2);
  });
});

describe("a ClientHello", () => {
  const third = Math.ceil(HELLO.length / 3);
  const [first, second, last] = [
    HELLO.slice(0, third),
    HELLO.slice(third, 2 * third),
    HELLO.slice(2 * third),
  ];
  const answer = s("PSH ACK", { payload: FLIGHT_13.slice(0, 1000), after: 20 });

  it.each<[string, Step[], Partial<TlsRecord>]>([
    ["in three segments", segments(c, HELLO, third), { helloFrame: 6 }],
    [
      "with its segments in another order",
      [
        c("ACK", { payload: last, seq: 1 + 2 * third }),
        c("ACK", { payload: second, seq: 1 + third, after: 1 }),
        c("ACK", { payload: first, seq: 1, after: 1 }),
      ],
      { helloAtMs: 32 },
    ],
    [
      "of which a part comes twice",
      [
        ...segments(c, first),
        ...segments(c, second, 1460, 1),
        c("ACK", { payload: [...first, ...second], seq: 1, after: 250 }),
        ...segments(c, last, 1460, 1),
      ],
      {},
    ],
    ["byte by byte", segments(c, HELLO, 1, 1), {}],
    ["in two records", segments(c, [...record(22, HELLO.slice(5, 60)), ...record(22, HELLO.slice(60))]), {}],
    [
      "longer than what is kept, its name in front",
      segments(c, record(22, clientHello({ name: NAME, padding: 5000 }))),
      { isTruncated: true, versionOffered: null },
    ],
  ])("%s is read", async (_, steps, expected) => {
    const tls = await tlsOf([...steps, answer]);
    expect(tls).toMatchObject({
      sni: NAME,
      isTruncated: false,
      version: "TLS 1.3",
      serverHelloMs: 20,
      ...expected,
    });
  });

  it("whose name lies beyond what is kept has a truncated one", async () => {
    const long = record(22, clientHello({ name: NAME, padding: 5000, isPaddedFirst: true }));
    expect(await tlsOf([...segments(c, long), answer])).toMatchObject({
      sni: null,
      isTruncated: true,
      version: "TLS 1.3",
    });
  });

  it.each([
    [20, null],
    [HELLO.length - 1, NAME],
  ])(
    "cut by the capture after %i bytes tells what was captured, and that the rest was not",
    async (snap, sni) => {
      const tls = await tlsOf([
        c("PSH ACK", { payload: HELLO, snap }),
        s("PSH ACK", { payload: FLIGHT_13, snap: 90 }),
      ]);
      expect(tls).toMatchObject({ sni, isTruncated: true, isBrokenOff: true, version: "TLS 1.3" });
    },
  );

  it("behind which the capture cut records says whether the answer can be told", async () => {
    const cut = WHOLE_13.map((step) => (step.side === 1 ? { ...step, snap: 600 } : step));
    expect(await tlsOf(cut)).toMatchObject({ isBrokenOff: true, answerMs: null });
    const whole = WHOLE_13.map((step) => (step.side === 1 ? { ...step, snap: 1400 } : step));
    expect(await tlsOf(whole)).toMatchObject({ isBrokenOff: false, answerMs: expect.any(Number) });
  });

  it("that the capture ends within is told as truncated", async () => {
    expect(await tlsOf([c("PSH ACK", { payload: HELLO.slice(0, 100) })])).toMatchObject({
      isTruncated: true,
    });
  });

  it("behind a keep-alive is read", async () => {
    const steps = [c("ACK", { seq: 0, bytes: 1, after: 5000 }), s("ACK"), ...segments(c, HELLO)];
    expect(await tlsOf(steps)).toMatchObject({ sni: NAME });
  });

  it("on the SYN is read (TCP Fast Open)", async () => {
    const { tls } = await read([c("SYN", { payload: HELLO, cookie: 8 }), s("SYN ACK"), c("ACK"), answer]);
    expect(tls).toMatchObject({ sni: NAME, helloAtMs: 0, version: "TLS 1.3" });
  });

  it("without a name has none, and is not truncated", async () => {
    const hello = record(22, clientHello({ versions: [0x0304] }));
    expect(await tlsOf(segments(c, hello))).toMatchObject({ sni: null, isTruncated: false, version: null });
  });
});

describe("names from the capture", () => {
  it.each([
    ["with controls", "a\x1b[31m\nb\x7f\x9b", "a\\x1b[31m\\x0ab\\x7f\\x9b"],
    ["in UTF-8", "b\xc3\xbccher.example", "b\\xc3\\xbccher.example"],
    ["that are no UTF-8", "\xff\xfe", "\\xff\\xfe"],
    ["with what looks like an escape", "\\x41", "\\x5cx41"],
    ["of an international domain", "xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["that are empty", "", ""],
  ])("%s are escaped", async (_, name, text) => {
    const hello = record(22, clientHello({ name, protocols: [`${name.slice(0, 9)}x`] }));
    const tls = await tlsOf(segments(c, hello));
    expect(tls).toMatchObject({ sni: text, isTruncated: false });
    expect(JSON.stringify(tls)).toMatch(/^[ -~]*$/);
    const [whole] = await recordsOf([...HANDSHAKE, ...segments(c, hello)]);
    expect(sentenceFor(whole!)).toMatch(/^[ -~]*$/);
  });

  it("of 255 bytes are whole, longer ones are cut and marked", async () => {
    const long = (length: number) =>
      tlsOf(segments(c, record(22, clientHello({ name: "n".repeat(length) }))));
    expect(await long(255)).toMatchObject({ sni: "n".repeat(255), isTruncated: false });
    expect(await long(256)).toMatchObject({ sni: "n".repeat(255), isTruncated: true });
  });

  it("are listed as far as they fit", async () => {
    const protocols = Array.from({ length: 60 }, (_, i) => `protocol-${i}`);
    const tls = await tlsOf(segments(c, record(22, clientHello({ protocols }))));
    expect(tls!.alpnOffered).toEqual(protocols.slice(0, 11));
  });
});

describe("no TLS", () => {
  const http = ascii("GET / HTTP/1.1\r\n\r\n");
  it.each<[string, Step[]]>([
    ["another protocol", [c("PSH ACK", { payload: http }), s("PSH ACK", { payload: FLIGHT_13 })]],
    ["a server that speaks first", [s("PSH ACK", { payload: ascii("220 ready\r\n") }), ...WHOLE_13]],
    ["garbage behind the first byte", [c("PSH ACK", { payload: [0x16, 3, 1, 0xff, 0xff, 1, 0, 0] })]],
    ["garbage behind the header", [c("PSH ACK", { payload: [...HELLO.slice(0, 5), 9, ...HELLO.slice(6)] })]],
    [
      "a message that is larger than any",
      [c("PSH ACK", { payload: record(22, [1, 0xff, 0, 0, ...HELLO.slice(9)]) })],
    ],
    [
      "a hello in the form of SSL 2.0",
      [c("PSH ACK", { payload: [0x80, 0x2e, 1, 3, 1, 0, 0x15, 0, 0, 0, 16] })],
    ],
    ["one byte that could have been", [c("PSH ACK", { payload: [0x16] }), c("PSH ACK", { payload: http })]],
    [
      "payload that was not captured",
      [c("PSH ACK", { payload: HELLO, snap: 0 }), s("PSH ACK", { payload: FLIGHT_13 })],
    ],
    ["a hello that never came", [c("PSH ACK", { payload: HELLO.slice(50), seq: 51 })]],
  ])("is told of %s", async (_, steps) => expect(await tlsOf(steps)).toBeNull());

  it("is told of a connection that the capture joins", async () => {
    expect((await read(WHOLE_13)).tls).toBeNull();
  });
});

describe("one direction", () => {
  it("of the client tells what it asks for", async () => {
    const steps = [
      c("SYN"),
      c("ACK", { ack: 1 }),
      c("PSH ACK", { ack: 1, payload: HELLO }),
      c("PSH ACK", { ack: 3000, payload: FINISHED_13 }),
    ];
    const { tls } = await read(steps);
    expect(tls).toMatchObject({
      sni: NAME,
      version: null,
      serverHelloMs: null,
      handshakeMs: null,
      clientDataMs: null,
    });
  });

  it("of the server tells nothing: no ClientHello was seen", async () => {
    const { tls } = await read([
      s("SYN ACK", { ack: 1 }),
      s("PSH ACK", { ack: 1 + HELLO.length, payload: FLIGHT_13 }),
      s("PSH ACK", { ack: 1000, payload: encrypted(1000) }),
    ]);
    expect(tls).toBeNull();
  });
});

describe("what is said", () => {
  it("stands in the sentence, the search and beside the segments", async () => {
    const analysis = await observe([...HANDSHAKE, ...WHOLE_13]);
    const page = (search: string) =>
      analysis.page({ sort: "start", isDescending: false, search, offset: 0, limit: 5 });
    expect((await page("EXAMPLE.org")).matching).toBe(1);
    expect((await page("example.com")).matching).toBe(0);
    const { rows } = await analysis.ladder("1");
    expect(
      rows.map(({ remarks }) => remarks.find((remark) => remark.includes("Hello"))).filter(Boolean),
    ).toEqual([
      `ClientHello, SNI ${NAME}, ALPN h2 http/1.1, TLS 1.3`,
      "ServerHello, TLS 1.3, TLS_AES_128_GCM_SHA256",
    ]);
    const failed = await observe([...HANDSHAKE, ...segments(c, HELLO), s("ACK", { payload: alert(2, 112) })]);
    const last = (await failed.ladder("1")).rows.at(-1)!;
    expect(last.remarks).toContain("alert unrecognized_name (fatal)");
  });
});
