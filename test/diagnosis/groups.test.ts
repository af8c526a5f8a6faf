/** What a rule sees on more servers or clients than it judges: counted, taken out again, and told in every report. */
import { describe, expect, it } from "vitest";
import { Diagnosis } from "../../src/diagnosis/diagnosis.js";
import { textReport } from "../../src/output/text.js";
import { omittedText } from "../../src/report/finding-words.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { makeHost, makeRecord, makeSummary } from "../report/record-fixture.js";

const summary = makeSummary({ servers: [], clients: [], findings: [] });
const ids = (diagnosis: Diagnosis, id: string) =>
  diagnosis.findings(summary).filter((finding) => finding.id === id);

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
