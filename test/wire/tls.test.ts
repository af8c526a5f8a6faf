/** Hellos of TLS, whole, cut at every byte, damaged: what is told stands in them, and nothing beyond is read. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLIENT_HELLO, Hello, mayBeClientHello, readHello, SERVER_HELLO } from "../../src/wire/tls.js";
import { ascii, clientHello, record, serverHello } from "../connection/tls-messages.js";
import "../property-seed.js";
import type { Bytes } from "./packet-builder.js";

const BEFORE = 7;

/** What is read of the bytes between others of one value. */
function read(bytes: Bytes, type: typeof CLIENT_HELLO | typeof SERVER_HELLO, around: number) {
  const all = new Uint8Array(BEFORE + bytes.length + 60).fill(around);
  all.set(bytes, BEFORE);
  const hello = new Hello();
  const isRead = readHello(all, BEFORE, BEFORE + bytes.length, type, hello);
  const text = (start: number, end: number) =>
    start < 0 ? null : String.fromCharCode(...all.subarray(start, end));
  const ranges = [hello.nameStart, hello.nameEnd, hello.protocolsStart, hello.protocolsEnd];
  for (const at of ranges.filter((place) => place >= 0)) {
    expect(at).toBeGreaterThanOrEqual(BEFORE);
    expect(at).toBeLessThanOrEqual(BEFORE + bytes.length);
  }
  return {
    isRead,
    ...hello,
    name: text(hello.nameStart, hello.nameEnd),
    protocols: text(hello.protocolsStart, hello.protocolsEnd),
  };
}

const WHOLE = clientHello({
  name: "www.example.org",
  protocols: ["h2", "http/1.1"],
  versions: [0x0a0a, 0x0304, 0x0303],
  earlyData: true,
});

describe("a ClientHello", () => {
  it("tells name, protocols, the highest version that is one, and early data", () => {
    expect(read(WHOLE, CLIENT_HELLO, 0)).toMatchObject({
      isRead: true,
      name: "www.example.org",
      protocols: "\x02h2\x08http/1.1",
      version: 0x0304,
      hasEarlyData: true,
      isCut: false,
    });
  });

  it.each([
    ["TLS 1.2 by the old field", {}, 0x0303],
    ["SSL 3.0, without extensions", { legacyVersion: 0x0300, hasNoExtensions: true }, 0x0300],
    ["a draft above TLS 1.2", { versions: [0x0303, 0x7f1c] }, 0x7f1c],
    ["TLS 1.3 above its drafts", { versions: [0x7f1c, 0x0304] }, 0x0304],
  ] as const)("offers %s", (_, fields, version) => {
    expect(read(clientHello(fields), CLIENT_HELLO, 0).version).toBe(version);
  });

  it("cut at any byte tells what stands before the cut, and that it is cut", () => {
    for (let length = 1; length < WHOLE.length; length++) {
      const cut = read(WHOLE.slice(0, length), CLIENT_HELLO, 0xff);
      expect(cut).toMatchObject({ isRead: true, isCut: true });
      expect([null, "www.example.org"]).toContain(cut.name);
      expect([0, 0x0304]).toContain(cut.version);
      expect(read(WHOLE.slice(0, length), CLIENT_HELLO, 0)).toEqual(cut);
    }
  });

  it("is not another message, nor of another protocol", () => {
    expect(read(serverHello(), CLIENT_HELLO, 0).isRead).toBe(false);
    expect(read(clientHello({ legacyVersion: 0x4745 }), CLIENT_HELLO, 0).isRead).toBe(false);
    expect(read([], CLIENT_HELLO, 1).isRead).toBe(false);
  });

  it("takes no name from a list whose lengths do not fit", () => {
    const at = WHOLE.join(",").split(ascii("www.example.org").join(","))[0]!.split(",").length - 1;
    const damaged = [...WHOLE];
    damaged[at - 1] = 200;
    expect(read(damaged, CLIENT_HELLO, 0).name).toBeNull();
  });
});

describe("a ServerHello", () => {
  it("tells version, cipher suite and protocol", () => {
    expect(read(serverHello({ version: 0x0304 }), SERVER_HELLO, 0)).toMatchObject({
      version: 0x0304,
      cipher: 0x1301,
      protocols: null,
      isRetryRequest: false,
    });
    expect(read(serverHello({ cipher: 0xc02f, protocol: "h2" }), SERVER_HELLO, 0)).toMatchObject({
      version: 0x0303,
      cipher: 0xc02f,
      protocols: "\x02h2",
    });
  });

  it("is a HelloRetryRequest by its random", () => {
    expect(read(serverHello({ isRetry: true, version: 0x0304 }), SERVER_HELLO, 0).isRetryRequest).toBe(true);
  });
});

describe("the first bytes of a connection", () => {
  const may = (bytes: Bytes) => mayBeClientHello(Uint8Array.from(bytes), 0, bytes.length);
  it("may be a ClientHello, as far as they go", () => {
    const whole = record(22, WHOLE, 0x0301);
    for (let length = 1; length < 20; length++) expect(may(whole.slice(0, length))).toBe(true);
  });

  it.each([
    ["nothing", []],
    ["HTTP", ascii("GET / HTTP/1.1")],
    ["a hello in the form of SSL 2.0", [0x80, 0x2e, 1, 3, 1, 0, 0x15]],
    ["another version", [0x16, 4, 1, 0, 40, 1]],
    ["another message", [0x16, 3, 1, 0, 40, 2]],
  ])("may not, where they are %s", (_, bytes) => expect(may(bytes)).toBe(false));
});

describe("any bytes", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const damaged = (whole: Bytes) =>
    fc
      .tuple(
        fc.array(fc.tuple(fc.nat(whole.length - 1), byte), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: whole.length }),
      )
      .map(([changes, length]) => {
        const bytes = [...whole];
        for (const [at, value] of changes) bytes[at] = value;
        return bytes.slice(0, length);
      });
  it.each([
    ["random ones", fc.array(byte, { maxLength: 400 })],
    [
      "random ones behind a message header",
      fc.array(byte, { maxLength: 300 }).map((rest) => [1, 0, 1, 0, 3, 3, ...rest]),
    ],
    ["of a damaged ClientHello", damaged(WHOLE)],
    ["of a damaged ServerHello", damaged(serverHello({ version: 0x0304, protocol: "h2" }))],
  ])("%s are read without throwing, and never beyond their end", (_, bytes) => {
    fc.assert(
      fc.property(bytes, fc.constantFrom(CLIENT_HELLO, SERVER_HELLO), (content, type) => {
        expect(read(content, type, 0xff)).toEqual(read(content, type, 0));
      }),
      { numRuns: 2000 },
    );
  });
});
