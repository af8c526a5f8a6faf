/** What belongs together in one finding; and what a rule sees on more servers or clients than it judges. */
import { describe, expect, it } from "vitest";
import { Diagnosis } from "../../src/diagnosis/diagnosis.js";
import { textReport } from "../../src/output/text.js";
import { omittedText } from "../../src/report/finding-words.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { makeHost, makeRecord, makeReset, makeSummary } from "../report/record-fixture.js";

const summary = makeSummary({ servers: [], clients: [], findings: [] });
const ids = (diagnosis: Diagnosis, id: string) =>
  diagnosis.tell(summary).findings.filter((finding) => finding.id === id);

/** An attempt that server number `n` refused, of a client of its own: no scan. */
function refusedBy(n: number, id = "1"): ConnectionRecord {
  return makeRecord({
    id: `${n}.${id}`,
    outcome: "refused",
    client: { address: `10.1.${n >> 8}.${n & 255}` },
    server: { address: `10.2.${n >> 8}.${n & 255}`, port: 80 },
  });
}

const omitted = (diagnosis: Diagnosis) =>
  diagnosis.omitted(summary).map(({ id, connections, groups }) => [id, connections, groups]);

describe("beyond the servers and clients that a rule judges", () => {
  const diagnosis = new Diagnosis();
  for (let n = 0; n < 1003; n++) diagnosis.add(refusedBy(n), 1);
  for (const id of ["2", "3"]) diagnosis.add(refusedBy(1002, id), 1);
  // One that is judged has room for any number.
  diagnosis.add(refusedBy(7, "2"), 1);

  it("connections are counted, by the names of their servers", () => {
    expect(ids(diagnosis, "connection-refused")).toHaveLength(1000);
    expect(ids(diagnosis, "connection-refused").reduce((sum, { connections }) => sum + connections, 0)).toBe(
      1001,
    );
    // Refused ones may be part of a scan, and of a storm: three rules saw them, by client and by server.
    expect(omitted(diagnosis)).toEqual([
      ["port-scan", 5, 3],
      ["connection-refused", 5, 3],
      ["reconnect-storm", 5, 3],
    ]);
  });

  it("and are taken out again where they were counted", () => {
    diagnosis.add(refusedBy(1002, "3"), -1);
    diagnosis.add(refusedBy(1001), -1);
    expect(omitted(diagnosis)[1]).toEqual(["connection-refused", 3, 2]);
    // A place that becomes free is for another one: the count of those that came before stays whole.
    diagnosis.add(refusedBy(0), -1);
    diagnosis.add(refusedBy(1002, "4"), 1);
    diagnosis.add(refusedBy(2000), 1);
    expect(omitted(diagnosis)[1]).toEqual(["connection-refused", 4, 2]);
    expect(ids(diagnosis, "connection-refused").map(({ where }) => where)).toContain("10.2.7.208:80");
  });

  it("stand in the text report, below the findings", () => {
    const report = textReport(makeSummary({ findingsOmitted: diagnosis.omitted(summary) }), [], {
      width: 200,
      hasColor: false,
      isAscii: false,
    });
    expect(report).toContain(
      "\nConnections refused: 4 more connections, of 2 servers or clients beyond the first 1,000, were counted, not judged\n",
    );
  });
});

describe("connections that are dropped by resets", () => {
  /** Dropped by `by`: connection `n` of this client with this server. */
  const dropped = (by: "client" | "server", client: string, server: string, n = 1): ConnectionRecord =>
    makeRecord({
      id: `${client} ${server} ${n}`,
      startMs: n,
      close: "reset",
      closedFirst: by,
      client: { address: client },
      server: { address: server, port: 80 },
      reset: makeReset({ by, frame: n }),
    });
  const times = (n: number, make: (i: number) => ConnectionRecord) =>
    Array.from({ length: n }, (_, i) => make(i));

  // biome-ignore format: a finding a line
  it.each<[string, ConnectionRecord[], (readonly [where: string, actor: string, connections: number, sentence: RegExp])[]]>([
    [
      "one client, of several servers, are that client's",
      times(300, (i) => dropped("client", "10.0.0.9", `10.2.0.${i % 3}`, i)),
      [["10.0.0.9", "client", 300, /^10\.0\.0\.9 dropped 300 connections to 3 servers by/]],
    ],
    [
      "one client, of one server, are the client's with that one",
      times(300, (i) => dropped("client", "10.0.0.9", "10.2.0.1", i)),
      [["10.0.0.9 to 10.2.0.1:80", "client", 300, /^10\.0\.0\.9 dropped 300 connections to 10\.2\.0\.1:80 by/]],
    ],
    [
      "many clients of one server are its clients'",
      times(300, (i) => dropped("client", `10.1.0.${i % 100}`, "10.2.0.1", i)),
      [["10.2.0.1:80", "client", 300, /^100 clients dropped 300 connections to 10\.2\.0\.1:80 by/]],
    ],
    [
      "a server are the server's, whoever its clients are",
      times(300, (i) => dropped("server", `10.1.0.${i % 100}`, "10.2.0.1", i)),
      [["10.2.0.1:80", "server", 300, /^10\.2\.0\.1:80 dropped 300 connections by/]],
    ],
    [
      "a server, and by its clients, are two matters",
      [...times(9, (i) => dropped("client", `10.1.0.${i}`, "10.2.0.1")), dropped("server", "10.1.0.1", "10.2.0.1", 2)],
      [["10.2.0.1:80", "client", 9, /^9 clients dropped 9/], ["10.2.0.1:80", "server", 1, /^10\.2\.0\.1:80 dropped 1/]],
    ],
  ])("by %s", (_, records, expected) => {
    const diagnosis = new Diagnosis();
    for (const record of records) diagnosis.add(record, 1);
    const told = ids(diagnosis, "abortive-close");
    expect(told.map(({ where, actor, connections }) => [where, actor, connections])).toEqual(
      expected.map(([where, actor, connections]) => [where, actor, connections]),
    );
    told.forEach(({ sentence, examples, connections }, i) => {
      expect(sentence).toMatch(expected[i]![3]);
      expect(examples).toHaveLength(Math.min(20, connections));
    });
  });

  it("keep the earliest as examples when they are put together, and leave it again", () => {
    const diagnosis = new Diagnosis();
    for (let n = 30; n > 0; n--) diagnosis.add(dropped("client", "10.0.0.9", `10.2.0.${n % 3}`, n), 1);
    const frames = () => ids(diagnosis, "abortive-close")[0]!.examples.map(({ frames }) => frames[0]);
    expect(frames()).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    diagnosis.add(dropped("client", "10.0.0.9", "10.2.0.1", 1), -1);
    expect(frames()[0]).toBe(2);
    expect(ids(diagnosis, "abortive-close")[0]!.connections).toBe(29);
  });

  it("by a box on the way are one finding for all clients of a server", () => {
    const diagnosis = new Diagnosis();
    for (let n = 0; n < 40; n++)
      diagnosis.add(
        makeRecord({ ...dropped("server", `10.1.0.${n}`, "10.2.0.1", n), reset: { suspicion: "middlebox" } }),
        1,
      );
    expect(ids(diagnosis, "abortive-close")).toEqual([]);
    const told = ids(diagnosis, "reset-injected");
    expect(told.map(({ sentence }) => sentence)).toEqual([
      "a box between 40 clients and 10.2.0.1:80 cut 40 connections: the reset bears the address of the server, which did not send it",
    ]);
  });
});

it("what many clients of one server do is one finding, whatever it is", () => {
  const diagnosis = new Diagnosis();
  for (let n = 0; n < 40; n++) {
    const client = { address: `10.1.0.${n}`, zeroWindows: 2, zeroWindowMs: 1000 };
    diagnosis.add(
      makeRecord({ id: `${n}`, startMs: n, client, server: { address: "10.2.0.1", port: 80 } }),
      1,
    );
  }
  expect(ids(diagnosis, "zero-window").map(({ where, actor, sentence }) => [where, actor, sentence])).toEqual(
    [
      [
        "10.2.0.1:80",
        "client",
        "40 clients of 10.2.0.1:80 had no room to receive for 40.0 s in all, 80 times on 40 connections: the application reads too slowly",
      ],
    ],
  );
});

it("who acts, and how sure that is, is what most connections of a group show", () => {
  const refused = (n: number, suspicion: "middlebox" | null) =>
    makeRecord({ id: `${n}`, outcome: "refused", reset: makeReset({ kind: "refused", suspicion }) });
  const told = (...suspicions: ("middlebox" | null)[]) => {
    const diagnosis = new Diagnosis();
    suspicions.forEach((suspicion, n) => {
      diagnosis.add(refused(n, suspicion), 1);
    });
    const [one] = ids(diagnosis, "connection-refused");
    return [one!.actor, one!.confidence, one!.sentence.split(": ")[1]];
  };
  const box = ["middlebox", "likely", "by its marks the reset is that of a box in front of it"];
  const host = ["server", "certain", "nobody listens on that port"];
  expect(told("middlebox", "middlebox", null)).toEqual(box);
  expect(told("middlebox", null)).toEqual(host);
  const confidence = (...unread: ("likely" | "possible")[]) => {
    const diagnosis = new Diagnosis();
    unread.forEach((unreadData, n) => {
      diagnosis.add(makeRecord({ id: `${n}`, close: "reset", reset: makeReset({ unreadData }) }), 1);
    });
    return ids(diagnosis, "abortive-close")[0]!.confidence;
  };
  expect(confidence("likely", "possible", "possible")).toBe("possible");
  expect(confidence("likely", "possible", "likely")).toBe("likely");
});

it("more clients than are told apart are said to be that many or more, and no storm", () => {
  const attempt = (n: number, clients: number) => {
    const client = { address: `10.1.${(n % clients) >> 8}.${(n % clients) & 255}` };
    return makeRecord({ id: `${n}`, startMs: n, durationMs: 0, outcome: "refused", client });
  };
  // So many clients, one attempt after the other; beyond a thousand each has one, which nobody can tell.
  const told = (clients: number) => {
    const diagnosis = new Diagnosis();
    for (let n = 0; n < 6000; n++) diagnosis.add(attempt(n, clients), 1);
    return diagnosis.tell(summary).findings.map(({ id, sentence }) => `${id}: ${sentence}`);
  };
  expect(told(900)).toEqual([
    expect.stringContaining("from 900 clients:"),
    expect.stringMatching(/^reconnect-storm: 900 clients each/),
  ]);
  expect(told(6000)).toEqual([expect.stringContaining("from 1,000 clients or more:")]);
});

it("names beyond names are counted by their connections alone", () => {
  const diagnosis = new Diagnosis();
  for (let n = 0; n < 11_005; n++) diagnosis.add(refusedBy(n), 1);
  expect(omitted(diagnosis)[1]).toEqual(["connection-refused", 10_005, 10_000]);
  expect(omittedText(diagnosis.omitted(summary)[1]!)).toContain(
    "10,005 more connections, of at least 10,000 servers",
  );
  diagnosis.add(refusedBy(11_004), -1);
  expect(omitted(diagnosis)[1]).toEqual(["connection-refused", 10_004, 10_000]);
});

it("a server that is judged by the counts of all its connections is not beyond", () => {
  const diagnosis = new Diagnosis();
  const lossy = (n: number) =>
    makeRecord({
      id: `${n}`,
      bytes: 10_000,
      server: {
        address: `10.2.${n >> 8}.${n & 255}`,
        port: 80,
        packets: 20,
        bytes: 10_000,
        lost: { beforeCapture: 0, beforeCaptureBytes: 0, afterCapture: 5, afterCaptureBytes: 5000 },
      },
    });
  for (let n = 0; n < 1002; n++) diagnosis.add(lossy(n), 1);
  const listed = makeSummary({ servers: [makeHost({ name: "10.2.3.232:80" })], findings: [] });
  const groupsIn = (given: typeof summary) =>
    diagnosis.omitted(given).find(({ id }) => id === "loss-client-side")?.groups;
  expect(groupsIn(summary)).toBe(2);
  expect(groupsIn(listed)).toBe(1);
});
