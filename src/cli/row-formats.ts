/**
 * Formats that hold all connections, each written as it becomes final: NDJSON, CSV, Parquet.
 */
import {
  type Amendment,
  type ConnectionRecord,
  CSV_HEADER,
  csvRow,
  ndjsonAmendment,
  ndjsonLine,
  type ParquetRows,
  parquetRows,
} from "../index.js";
import type { Format } from "./report-options.js";
import type { ReportStream } from "./report-stream.js";
import { PROGRAM, programVersion } from "./version.js";

/** Whether a report of the format is written connection by connection, and holds all of them. */
export function isOfRows(format: Format): format is "ndjson" | "csv" | "parquet" {
  return format === "ndjson" || format === "csv" || format === "parquet";
}

/** Writes connections to a stream. */
export interface RowWriter {
  begin(stream: ReportStream): void | Promise<void>;
  write(stream: ReportStream, record: ConnectionRecord): void | Promise<void>;
  /** Connections that have changed since their row was written, where the format has no way to say so. */
  readonly changed: number;
  amend(stream: ReportStream, amendment: Amendment): void | Promise<void>;
  end(stream: ReportStream): void | Promise<void>;
}

/** The writer of a format; null for those that are written at the end. */
export async function rowWriterOf(format: Format): Promise<RowWriter | null> {
  if (format === "ndjson") return new NdjsonWriter();
  if (format === "csv") return new CsvWriter();
  return format === "parquet" ? new ParquetWriter(await parquetRows(`${PROGRAM} ${programVersion()}`)) : null;
}

class NdjsonWriter implements RowWriter {
  readonly changed = 0;

  begin(): void {}

  write(stream: ReportStream, record: ConnectionRecord): void | Promise<void> {
    return stream.write(ndjsonLine(record));
  }

  amend(stream: ReportStream, amendment: Amendment): void | Promise<void> {
    return stream.write(ndjsonAmendment(amendment));
  }

  end(): void {}
}

/** Rows that stay as they were written. */
abstract class Rows {
  changed = 0;

  amend(_: ReportStream, amendment: Amendment): void {
    // Segments that came late stand in no row of any format.
    if (!("lateSegments" in amendment)) this.changed++;
  }
}

class CsvWriter extends Rows implements RowWriter {
  begin(stream: ReportStream): void | Promise<void> {
    return stream.write(CSV_HEADER);
  }

  write(stream: ReportStream, record: ConnectionRecord): void | Promise<void> {
    return stream.write(csvRow(record));
  }

  end(): void {}
}

class ParquetWriter extends Rows implements RowWriter {
  readonly #rows: ParquetRows;

  constructor(rows: ParquetRows) {
    super();
    this.#rows = rows;
  }

  begin(): void {}

  write(stream: ReportStream, record: ConnectionRecord): void | Promise<void> {
    const bytes = this.#rows.add(record);
    if (bytes !== null) return stream.writeBytes(bytes);
  }

  end(stream: ReportStream): void | Promise<void> {
    return stream.writeBytes(this.#rows.end());
  }
}
