/** Orders of what tables show. */

export type Sortable = string | number | null;

const TEXTS = new Intl.Collator("en", { numeric: true });

/**
 * Numbers by size; texts with the numbers in them by size, so that 10.0.0.9 stands before 10.0.0.10 and frame 9 before 10.
 * What is unknown is last in both directions. `sign` is -1 for descending.
 */
export function compare(a: Sortable, b: Sortable, sign: 1 | -1): number {
  if (a === b) return 0;
  if (a === null || a === "") return b === null || b === "" ? 0 : 1;
  if (b === null || b === "") return -1;
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * TEXTS.compare(String(a), String(b));
}
