/**
 * What a field is: a leaf of the record with name, heading, unit and description; and how lines of a table become fields.
 */
import type { ConnectionRecord } from "../record.js";

export type FieldUnit = "ms" | "bytes" | "bits/s" | "share" | "count" | "text" | "time" | "flag" | "list";

/** A leaf as it stands in the record: plain values, and lists where a connection can have several. */
export type FieldValue = string | number | boolean | readonly unknown[] | null;

export interface Field {
  /** Path of the leaf in the JSON document, with dots. */
  readonly name: string;
  /** Short heading of a column. */
  readonly title: string;
  readonly unit: FieldUnit;
  /** One full sentence, with the section of the RFC where there is one. */
  readonly description: string;
  /** The value, or null where it is unknown or does not apply; never undefined. */
  read(record: ConnectionRecord): FieldValue;
  /** Characters that an ordinary value takes in a column. */
  readonly width: number;
  readonly align: "left" | "right";
}

export const WIDTHS: Readonly<Record<FieldUnit, number>> = {
  ms: 8,
  bytes: 7,
  "bits/s": 11,
  share: 7,
  count: 6,
  text: 12,
  time: 30,
  flag: 3,
  list: 16,
};

/** One line of the table below: name, title, unit, description, and a width where the unit's does not fit. */
export type Row<T> = readonly [
  name: Extract<keyof T, string>,
  title: string,
  unit: FieldUnit,
  text: string,
  width?: number,
];

/** Fields from lines, for a part of the record that `part` finds (null where the connection has none). */
export function fieldsOf<T>(
  prefix: string,
  part: (record: ConnectionRecord) => T | null,
  rows: readonly Row<T>[],
): Field[] {
  return rows.map(([name, title, unit, description, width]) => ({
    name: `${prefix}${name}`,
    title,
    unit,
    description,
    read: (record) => (part(record)?.[name] as FieldValue | undefined) ?? null,
    width: width ?? WIDTHS[unit],
    align: unit === "text" || unit === "time" || unit === "list" ? "left" : "right",
  }));
}
