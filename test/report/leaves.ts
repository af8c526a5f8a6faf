/**
 * The leaves of a record as it is, by path: what the field table is held against.
 */

/** Leaves that are lists of any length: they count as one. */
function isLeaf(value: unknown): boolean {
  return typeof value !== "object" || value === null || Array.isArray(value);
}

/** Paths of all leaves, in the order in which they stand, with dots; a null part is a leaf of its own. */
export function leavesOf(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([key, part]) =>
    isLeaf(part) ? [`${prefix}${key}`] : leavesOf(part as object, `${prefix}${key}.`),
  );
}

/** The value at a path, or undefined. */
export function valueAt(record: object, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((part, key) => (part as Record<string, unknown> | null | undefined)?.[key], record);
}
