/**
 * Parquet: one row a connection, the columns of the field table, in groups of rows so that memory stays bounded.
 *
 * Columns of text are STRING, times of day TIMESTAMP in microseconds UTC (Spark reads no finer ones; `startMs` is finer),
 * counts and bytes INT64, other numbers DOUBLE, flags BOOLEAN, lists JSON. All are nullable: unknown is null. DuckDB, Spark and ClickHouse read it.
 */
import type { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Field, FieldUnit, FieldValue } from "../report/fields/field.js";
import { FIELDS } from "../report/fields.js";
import type { ConnectionRecord } from "../report/record.js";

/** Connections gathered before they are written: some 40 MB with all of their columns. */
const GROUP_ROWS = 10_000;

type Element = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];
type Shape = Omit<Element, "name" | "repetition_type">;

const DOUBLE: Shape = { type: "DOUBLE" };
const INTEGER: Shape = { type: "INT64" };
const SHAPES: Readonly<Record<FieldUnit, Shape>> = {
  ms: DOUBLE,
  "bits/s": DOUBLE,
  share: DOUBLE,
  bytes: INTEGER,
  count: INTEGER,
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  time: { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" } },
  flag: { type: "BOOLEAN" },
  list: { type: "BYTE_ARRAY", converted_type: "JSON" },
};

const SCHEMA: Element[] = [
  { name: "connections", num_children: FIELDS.length },
  ...FIELDS.map(({ name, unit }): Element => ({ name, repetition_type: "OPTIONAL", ...SHAPES[unit] })),
];

/** Begins a file. What writes it is loaded only here: other reports start without it. */
export async function parquetRows(createdBy: string): Promise<ParquetRows> {
  const parts = await import("hyparquet-writer");
  const bytes = new parts.ByteWriter();
  return new ParquetRows(bytes, new parts.ParquetWriter({ writer: bytes, schema: SCHEMA, createdBy }));
}

/** Takes connections, gives the bytes of a file. What `add` and `end` return stays as it is only until the next call. */
export class ParquetRows {
  readonly #bytes: ByteWriter;
  readonly #writer: ParquetWriter;
  #columns: unknown[][] = FIELDS.map(() => []);

  constructor(bytes: ByteWriter, writer: ParquetWriter) {
    this.#bytes = bytes;
    this.#writer = writer;
  }

  /** Takes a connection; bytes to write where a group of rows is full, else null. */
  add(record: ConnectionRecord): Uint8Array | null {
    FIELDS.forEach((field, at) => {
      this.#columns[at]!.push(cellOf(field, field.read(record)));
    });
    return this.#columns[0]!.length < GROUP_ROWS ? null : this.#group();
  }

  /** The last rows and the end of the file. */
  end(): Uint8Array {
    if (this.#columns[0]!.length > 0) this.#writeGroup();
    this.#writer.finish();
    return this.#taken();
  }

  #group(): Uint8Array {
    this.#writeGroup();
    return this.#taken();
  }

  #writeGroup(): void {
    const columnData = FIELDS.map(({ name }, at) => ({ name, data: this.#columns[at]! }));
    this.#writer.write({ columnData, rowGroupSize: GROUP_ROWS });
    this.#columns = FIELDS.map(() => []);
  }

  /** What was written since the last time. */
  #taken(): Uint8Array {
    const bytes = this.#bytes.getBytes();
    this.#bytes.index = 0;
    return bytes;
  }
}

function cellOf({ unit }: Field, value: FieldValue): unknown {
  if (value === null) return null;
  if (unit === "time") return microseconds(String(value));
  if (SHAPES[unit] === INTEGER) return BigInt(Math.round(value as number));
  return value;
}

/** Microseconds since 1970 of an ISO 8601 time in UTC. */
function microseconds(time: string): bigint {
  const [seconds = "", fraction = ""] = time.replace(/Z$/, "").split(".");
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
}
