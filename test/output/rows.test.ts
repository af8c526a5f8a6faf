/** Formats with one row a connection: what other programs read of them is what the records hold. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { parquetReadObjects } from "hyparquet";
import { afterAll, describe, expect, it } from "vitest";
import { CSV_HEADER, csvRow } from "../../src/output/csv.js";
import { type ParquetRows, parquetRows } from "../../src/output/parquet.js";
import { FIELDS } from "../../src/report/fields.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { makeRecord } from "../report/record-fixture.js";
import { recordsOf, SAMPLES } from "../samples/samples.js";

const folder = mkdtempSync(join(tmpdir(), "tcpflow-rows-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const samples: ConnectionRecord[] = [];
for (const { file } of SAMPLES.slice(0, 40)) samples.push(...(await recordsOf(file)));

function parquetOf(rows: ParquetRows, records: Iterable<ConnectionRecord>): Buffer {
  const pieces: Buffer[] = [];
  // What is returned is valid until the next call only.
  const take = (bytes: Uint8Array | null) => bytes && pieces.push(Buffer.from(bytes));
  for (const record of records) take(rows.add(record));
  take(rows.end());
  return Buffer.concat(pieces);
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows as Record<string, unknown>[];
}

describe("CSV", () => {
  it("is read back by another program, whatever stands in a name", async () => {
    const sni = 'a,"b"\nc=1';
    const records = [...samples, makeRecord({ tls: { sni } })];
    const file = join(folder, "all.csv");
    writeFileSync(file, CSV_HEADER + records.map(csvRow).join(""));
    const rows = await query(`from read_csv('${file}', all_varchar=true, header=true)`);
    expect(rows).toHaveLength(records.length);
    expect(Object.keys(rows[0]!)).toEqual(FIELDS.map(({ name }) => name));
    rows.forEach((row, at) => {
      const record = records[at]!;
      expect(row["client.address"]).toBe(record.client.address);
      expect(Number(row["server.port"])).toBe(record.server.port);
      expect(row.connectTimeMs === null ? null : Number(row.connectTimeMs)).toBe(record.connectTimeMs);
      expect(row.findings ?? "").toBe(record.findings.join(";"));
    });
    expect(rows.at(-1)!["tls.sni"]).toBe('a,"b"\\x0ac=1');
  });

  it.each(["=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(1)", "  =1", "\t=1", "\r=1", "＝1"])(
    "gives %j no chance to be a formula",
    (sni) => {
      const row = csvRow(makeRecord({ tls: { sni } }));
      expect(row).toContain("'");
      for (const cell of row.split(",")) expect(cell.replace(/^"/, "")).not.toMatch(/^\s*[=+@＝]|^-\D/);
    },
  );

  it("leaves numbers below zero as numbers", () => {
    expect(csvRow(makeRecord({ startMs: -1.5 }))).toMatch(/,-1\.5,/);
  });

  it("has as many cells as names, and nothing that a terminal would act on", () => {
    const row = csvRow(makeRecord({ tls: { sni: "\x1b[2J" } }));
    expect(row).not.toContain("\x1b");
    expect(csvRow(makeRecord({ tls: null })).split(",").length).toBe(CSV_HEADER.split(",").length);
  });
});

describe("Parquet", () => {
  it("is read back by DuckDB with its types", async () => {
    const file = join(folder, "all.parquet");
    writeFileSync(file, parquetOf(await parquetRows("test"), samples));
    const types = await query(`select column_name, column_type from (describe from '${file}')`);
    const typeOf = new Map(types.map((row) => [row.column_name, row.column_type]));
    expect([...typeOf.keys()]).toEqual(FIELDS.map(({ name }) => name));
    expect(
      ["id", "start", "connectTimeMs", "client.bytes", "clientGuessed", "findings"].map((name) =>
        typeOf.get(name),
      ),
    ).toEqual(["VARCHAR", "TIMESTAMP WITH TIME ZONE", "DOUBLE", "BIGINT", "BOOLEAN", "JSON"]);
    const rows = await query(`select epoch_us(start) as us, * from '${file}'`);
    expect(rows).toHaveLength(samples.length);
    rows.forEach((row, at) => {
      const record = samples[at]!;
      expect(row["server.address"]).toBe(record.server.address);
      expect(Number(row["client.bytes"])).toBe(record.client.bytes);
      expect(row.connectTimeMs).toBe(record.connectTimeMs);
      expect(row.outcome).toBe(record.outcome);
      expect(JSON.parse(String(row.findings))).toEqual(record.findings);
      const seconds = Date.parse(`${record.start.slice(0, 19)}Z`);
      expect(String(row.us)).toBe(`${seconds / 1000}${record.start.slice(20, 26)}`);
    });
    const [sum] = await query(
      `select sum("client.bytes")::DOUBLE as bytes from '${file}' where outcome = 'completed'`,
    );
    const completed = samples.filter(({ outcome }) => outcome === "completed");
    expect(sum!.bytes).toBe(completed.reduce((total, { client }) => total + client.bytes, 0));
  });

  it("comes in groups of rows, and each field of the table is there", async () => {
    const many = 25_000;
    const record = samples[0]!;
    const file = parquetOf(
      await parquetRows("test"),
      (function* () {
        for (let id = 1; id <= many; id++) yield { ...record, id: String(id), frame: id };
      })(),
    );
    writeFileSync(join(folder, "many.parquet"), file);
    const path = join(folder, "many.parquet");
    const [groups] = await query(
      `select count(distinct row_group_id)::INT as n from parquet_metadata('${path}')`,
    );
    expect(groups!.n).toBe(3);
    const [count] = await query(
      `select count(distinct id)::INT as n, sum(frame)::DOUBLE as frames from '${path}'`,
    );
    expect(count).toEqual({ n: many, frames: (many * (many + 1)) / 2 });
  });

  it("is a file without connections too", async () => {
    const file = parquetOf(await parquetRows("test"), []);
    const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
    expect(await parquetReadObjects({ file: bytes as ArrayBuffer })).toEqual([]);
  });

  it("holds counts of whole numbers only", () => {
    const integers = FIELDS.filter(({ unit }) => unit === "count" || unit === "bytes");
    const broken = new Set(
      samples.flatMap((record) =>
        integers.filter(({ read }) => !Number.isInteger(read(record) ?? 0)).map(({ name }) => name),
      ),
    );
    expect([...broken]).toEqual([]);
  });
});
