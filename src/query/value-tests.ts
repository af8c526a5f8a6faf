/**
 * What a value in a filter means for a field: by its unit a number, a time of day, an address, a word, a pattern.
 */
import ipaddr from "ipaddr.js";
import type { Field, FieldValue } from "../report/fields/field.js";
import { CLOSES, OUTCOMES, RESET_KINDS } from "../report/verdicts.js";
import { STATE_NAMES } from "../tcp/states.js";
import { nearestTo } from "./nearest.js";
import { isNumeric, quantity, range } from "./quantity.js";
import { QueryError } from "./query-error.js";
import type { Operator, Value } from "./syntax.js";

export type ValueTest = (value: FieldValue) => boolean;

export const ORDERS: Readonly<Record<Exclude<Operator, "~">, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** Fields that can be nothing but one of a few words, by the last part of their names. */
const WORDS: readonly (readonly [ending: RegExp, words: readonly string[]])[] = [
  [/\.state$/, STATE_NAMES],
  [/^outcome$/, OUTCOMES],
  [/^close$/, CLOSES],
  [/^reset\.kind$/, RESET_KINDS.map(({ name }) => name)],
  [/^(closedFirst|reset\.by|gaveUp\.side)$/, ["client", "server"]],
];

/** The words that a field can be, or null where it can be any. */
export function wordsOf(field: Field): readonly string[] | null {
  return WORDS.find(([ending]) => ending.test(field.name))?.[1] ?? null;
}

/** The test that `field operator value` is; `!=` is the caller's. Throws a `QueryError` where the value does not fit. */
export function valueTest(field: Field, operator: Operator, value: Value): ValueTest {
  if (operator === "~") return patternTest(value);
  if (operator === "=") return membershipOf(field, [value]);
  if (isNumeric(field.unit)) {
    const than = quantity(value, field.unit);
    const holds = ORDERS[operator];
    return (given) => typeof given === "number" && holds(given, than);
  }
  if (field.unit === "time") return timeTest(operator, value);
  throw new QueryError(value.at, `${field.name} has no order: compare it by =, != or ~`);
}

/** Whether a value of the field is one of these; of a list, whether one of its elements is. */
export function membershipOf(field: Field, values: readonly Value[]): ValueTest {
  const tests = values.map((value) => equalityTest(field, value));
  return (given) => tests.some((test) => test(given));
}

function equalityTest(field: Field, value: Value): ValueTest {
  const { text, at, isQuoted } = value;
  if (!isQuoted && (text === "null" || text === "unknown")) return (given) => given === null;
  if (isNumeric(field.unit)) {
    const [from, to] = range(value, field.unit);
    return (given) => typeof given === "number" && given >= from && given <= to;
  }
  if (field.unit === "flag") {
    const wanted = FLAGS[text.toLowerCase()];
    if (wanted === undefined) throw new QueryError(at, `${field.name} is true or false, not "${text}"`);
    return (given) => given === wanted;
  }
  if (field.unit === "time") return timeTest("=", value);
  if (field.name.endsWith(".address")) return addressTest(value);
  refuseOtherWords(field, value);
  const wanted = text.toLowerCase();
  return (given) => textsOf(given).some((word) => word.toLowerCase() === wanted);
}

const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  "1": true,
  false: false,
  no: false,
  "0": false,
};

function refuseOtherWords(field: Field, { text, at }: Value): void {
  const words = wordsOf(field);
  if (words === null || words.some((word) => word.toLowerCase() === text.toLowerCase())) return;
  const near = nearestTo(text, words);
  const hint = near === null ? `it is one of ${words.join(", ")}` : `the nearest word is ${near}`;
  throw new QueryError(at, `${field.name.split(".").at(-1)} is never "${text}"; ${hint}`);
}

/** What a value says, as texts: itself, the elements of a list, the words in those. */
function textsOf(given: unknown): string[] {
  if (given === null || given === undefined) return [];
  if (Array.isArray(given)) return given.flatMap(textsOf);
  if (typeof given === "object") return Object.values(given).flatMap(textsOf);
  return [String(given)];
}

function patternTest({ text, at }: Value): ValueTest {
  let pattern: RegExp;
  try {
    pattern = new RegExp(text, "i");
  } catch {
    throw new QueryError(at, `"${text}" is no regular expression`);
  }
  return (given) => textsOf(given).some((one) => pattern.test(one));
}

/** A date with or without a time, or a time of day: as precise as it is written. UTC, as the records have it. */
const TIME =
  /^(?:\d{4}-\d{2}-\d{2}(?:[T ]\d{2}(?::\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?)?|\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)Z?$/i;
const DATE_LENGTH = "2026-01-01T".length;

function timeTest(operator: Exclude<Operator, "~">, { text, at }: Value): ValueTest {
  if (!TIME.test(text))
    throw new QueryError(at, `"${text}" is no time in UTC, such as 14:02:11 or 2026-11-30T14:02:11.5`);
  const wanted = text.toUpperCase().replace(" ", "T").replace(/Z$/, "");
  const from = /^\d\d:/.test(wanted) ? DATE_LENGTH : 0;
  // Digits in their order: what is earlier is smaller as text as well.
  return (given) => {
    if (typeof given !== "string") return false;
    const time = given.slice(from);
    if (operator === ">") return withoutZeros(time) > withoutZeros(wanted);
    if (operator === "<") return time < wanted;
    const same = time.slice(0, wanted.length);
    return ORDERS[operator](same < wanted ? -1 : same > wanted ? 1 : 0, 0);
  };
}

/** A time without what its fraction of a second does not need. */
function withoutZeros(time: string): string {
  return time.replace(/(\.\d*?)?0*Z?$/, (end, fraction: string | undefined) =>
    fraction === undefined ? end.replace("Z", "") : fraction === "." ? "" : fraction,
  );
}

/** Addresses read so far: a capture's hosts come again and again. */
const MOST_PARSED = 100_000;

/** An address, or a network in CIDR. */
function addressTest({ text, at }: Value): ValueTest {
  const [address = "", bits] = text.split("/");
  if (!ipaddr.isValid(address))
    throw new QueryError(at, `"${text}" is no address, and no network such as 10.0.0.0/8`);
  const network = ipaddr.parse(address);
  const most = network.kind() === "ipv4" ? 32 : 128;
  const length = bits === undefined ? most : Number(bits);
  if (!/^\d{1,3}$/.test(bits ?? "0") || length > most)
    throw new QueryError(at, `"${text}" has no prefix length between 0 and ${most}`);
  const known = new Map<string, boolean>();
  return (given) => {
    if (typeof given !== "string") return false;
    const answer = known.get(given);
    if (answer !== undefined) return answer;
    const one = ipaddr.parse(given);
    const isInside = one.kind() === network.kind() && one.match(network, length);
    if (known.size < MOST_PARSED) known.set(given, isInside);
    return isInside;
  };
}
