/**
 * What may be meant by the word that a filter ends with, while it is written: names of fields, and words that they can be.
 */
import { fieldsNamed, isField, OFFERED_NAMES } from "./field-names.js";
import { wordsOf } from "./value-tests.js";

export interface Completion {
  /** Where the unfinished word begins. */
  readonly from: number;
  /** What it can become, the likeliest first. */
  readonly words: readonly string[];
}

const VALUE = /([A-Za-z][\w.]*)\s*(?:==?|!=|\bin\b)\s*(?:[({]\s*)?(?:[^\s,]+\s*,\s*)*([\w-]*)$/;
const NAME = /(?:^|[\s(!])([A-Za-z][\w.]*)$/;
const JOINING: ReadonlySet<string> = new Set(["and", "or", "not", "in"]);

/** The filter with its last word taken as far as all of what it can become agree; with the first of them if that is no more. */
export function completed(filter: string): string {
  const { from, words } = completionOf(filter);
  const [first] = words;
  if (first === undefined) return filter;
  let shared = first;
  for (const word of words)
    while (!word.toLowerCase().startsWith(shared.toLowerCase())) shared = shared.slice(0, -1);
  return filter.slice(0, from) + (shared.length > filter.length - from ? shared : first);
}

/** The possible endings of a filter; nothing where there is nothing to guess. */
export function completionOf(filter: string): Completion {
  const value = VALUE.exec(filter);
  if (value !== null && isField(value[1]!)) {
    const [field] = fieldsNamed({ text: value[1]!, at: 0 });
    const begun = value[2]!;
    return { from: filter.length - begun.length, words: startingWith(begun, wordsOf(field!) ?? []) };
  }
  const begun = NAME.exec(filter)?.[1];
  if (begun === undefined || JOINING.has(begun.toLowerCase())) return { from: filter.length, words: [] };
  return { from: filter.length - begun.length, words: startingWith(begun, OFFERED_NAMES) };
}

function startingWith(begun: string, words: readonly string[]): string[] {
  const lower = begun.toLowerCase();
  return words.filter((word) => word.toLowerCase().startsWith(lower) && word !== begun);
}
