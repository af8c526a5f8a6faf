/**
 * What a name in a filter means: a field of the field table, with or without its unit, of one side or of either.
 */
import type { Field } from "../report/fields/field.js";
import { FIELDS } from "../report/fields.js";
import { SIDES } from "../report/record.js";
import { nearestTo } from "./nearest.js";
import { QueryError } from "./query-error.js";
import type { Name } from "./syntax.js";

/** Units that stand at the end of a field's name and may be left out. */
const UNIT_ENDINGS = ["Ms", "Bytes"] as const;

/** Other names that people have for fields; behind a side they work as well. */
export const ALIASES: Readonly<Record<string, string>> = {
  host: "address",
  ip: "address",
  rtt: "initialRttMs",
  handshake: "connectTimeMs",
  finding: "findings",
  sni: "tls.sni",
  "retransmissions.fast": "fastRetransmissions",
  "retransmissions.rto": "timeouts",
  "retransmissions.tailLossProbe": "tailLossProbes",
  "retransmissions.pathMtu": "pathMtuRetransmissions",
  "retransmissions.unexplained": "unexplainedRetransmissions",
  "retransmissions.spurious": "spuriousRetransmissions",
  "retransmissions.inferred": "inferredRetransmissions",
  "retransmissions.syn": "synRetransmissions",
  "retransmissions.fin": "finRetransmissions",
};

/** Fields by name in lower case, with and without their units. */
const BY_NAME = new Map<string, Field>();
for (const field of FIELDS) {
  const { name } = field;
  BY_NAME.set(name.toLowerCase(), field);
  const short = withoutUnit(name).toLowerCase();
  if (!FIELDS.some((other) => other.name.toLowerCase() === short)) BY_NAME.set(short, field);
}

const LOWER_ALIASES = new Map(Object.entries(ALIASES).map(([from, to]) => [from.toLowerCase(), to]));

/** A field's name as it is offered: without the unit at its end. */
export function withoutUnit(name: string): string {
  const ending = UNIT_ENDINGS.find((unit) => name.endsWith(unit) && !name.endsWith(`.${unit}`));
  return ending === undefined ? name : name.slice(0, -ending.length);
}

/** Names that can be offered: what both sides have by its name without a side first, then every field, then other names. */
export const OFFERED_NAMES: readonly string[] = [
  ...new Set([
    ...FIELDS.filter(({ name }) => !isOfSide(name)).map(({ name }) => withoutUnit(name)),
    ...FIELDS.filter(({ name }) => name.startsWith("client.")).map(({ name }) =>
      withoutUnit(name.slice("client.".length)),
    ),
    ...Object.keys(ALIASES),
    ...FIELDS.filter(({ name }) => isOfSide(name)).map(({ name }) => withoutUnit(name)),
  ]),
];

/** The fields that a name stands for: one, or the same of both sides. Throws a `QueryError` for a name of none. */
export function fieldsNamed(name: Name): readonly Field[] {
  const fields = find(name.text);
  if (fields.length > 0) return fields;
  const parts = OFFERED_NAMES.filter((offered) =>
    offered.toLowerCase().startsWith(`${name.text.toLowerCase()}.`),
  );
  if (parts.length > 0)
    throw new QueryError(name.at, `"${name.text}" has parts: ${listed(parts)}; name one of them`);
  const near = nearestTo(name.text, OFFERED_NAMES);
  const hint = near === null ? "docs/fields.md lists them all" : `the nearest name is ${near}`;
  throw new QueryError(
    name.at,
    `no field is named "${name.text}"; ${hint}; text to look for stands in quotes`,
  );
}

/** Whether a name stands for any field. */
export function isField(text: string): boolean {
  return find(text).length > 0;
}

function find(text: string): readonly Field[] {
  const lower = text.toLowerCase();
  const one = BY_NAME.get(lower);
  if (one) return [one];
  const side = SIDES.find((candidate) => lower.startsWith(`${candidate}.`));
  const alias = LOWER_ALIASES.get(side === undefined ? lower : lower.slice(side.length + 1));
  if (alias !== undefined) return find(side === undefined ? alias : `${side}.${alias}`);
  if (side !== undefined) return [];
  return SIDES.map((of) => BY_NAME.get(`${of}.${lower}`)).filter((field) => field !== undefined);
}

function isOfSide(name: string): boolean {
  return SIDES.some((side) => name.startsWith(`${side}.`));
}

const MOST_LISTED = 8;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).join(", ");
  return names.length > MOST_LISTED ? `${shown} and ${names.length - MOST_LISTED} more` : shown;
}
