/** The machine formats: valid, complete, with the names of the field table. */
import { describe, expect, it } from "vitest";
import { jsonConnection, jsonDocument } from "../../src/output/json.js";
import { ndjsonLine } from "../../src/output/ndjson.js";
import { FIELDS } from "../../src/report/fields.js";
import { makeLadder, makeRecord, makeSummary } from "../report/record-fixture.js";
import { worstConnections } from "./report-cases.js";

const generator = { name: "tcpflow-analyze", version: "1.2.3" };

describe("the JSON document", () => {
  it("holds the summary, the hosts and the connections as they are", () => {
    const summary = makeSummary({ files: ['quote".pcap\x1b'] });
    const document = JSON.parse([...jsonDocument(summary, worstConnections, generator)].join(""));
    const { servers, clients, findings, ...capture } = JSON.parse(JSON.stringify(summary));
    expect(document).toEqual({
      schemaVersion: 1,
      generator,
      capture,
      findings,
      servers,
      clients,
      connections: JSON.parse(JSON.stringify(worstConnections)),
    });
  });

  it("is valid without connections", () => {
    expect(JSON.parse([...jsonDocument(makeSummary(), [], generator)].join("")).connections).toEqual([]);
  });

  it("holds nothing that a terminal would act on", () => {
    const text = [...jsonDocument(makeSummary({ files: ["\x1b[2J"] }), [], generator)].join("");
    expect(text).not.toContain("\x1b");
  });

  it("comes in pieces, one a connection", () => {
    const pieces = [...jsonDocument(makeSummary(), worstConnections, generator)];
    expect(pieces).toHaveLength(worstConnections.length + 2);
  });

  it("holds one connection with its segments", () => {
    const ladder = makeLadder({ omitted: 3 });
    expect(JSON.parse(jsonConnection(ladder, generator))).toEqual({
      schemaVersion: 1,
      generator,
      connection: JSON.parse(JSON.stringify(ladder.record)),
      findings: [],
      segments: JSON.parse(JSON.stringify(ladder.rows)),
      segmentsOmitted: 3,
      segmentsAbsent: null,
    });
  });
});

describe("NDJSON", () => {
  it("is one line a connection, flat, with every field's name in the table's order", () => {
    for (const record of worstConnections) {
      const line = ndjsonLine(record);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      const row = JSON.parse(line);
      expect(Object.keys(row)).toEqual(FIELDS.map(({ name }) => name));
      for (const field of FIELDS) expect(row[field.name], field.name).toEqual(field.read(record));
    }
  });

  it("writes null for what is unknown", () => {
    const row = JSON.parse(ndjsonLine(makeRecord({ connectTimeMs: null, client: { offered: null } })));
    expect(row.connectTimeMs).toBeNull();
    expect(row["client.offered.mss"]).toBeNull();
    expect(row["reset.kind"]).toBeNull();
  });
});
