/**
 * Filters as trees: what was written, with its places, before any name or value means something.
 */
import { SyntaxError as GrammarError, parse } from "./grammar.peggy";
import { QueryError } from "./query-error.js";

export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~";

/** A name as it was written, and its offset into the filter. */
export interface Name {
  readonly text: string;
  readonly at: number;
}

/** A value as it was written, without its quotes. */
export interface Value extends Name {
  readonly isQuoted: boolean;
}

export type Condition =
  | { readonly kind: "or" | "and"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition }
  | { readonly kind: "compare"; readonly name: Name; readonly operator: Operator; readonly value: Value }
  | { readonly kind: "in"; readonly name: Name; readonly values: readonly Value[] }
  /** A name alone: the field has a value, and a flag is set. */
  | { readonly kind: "known"; readonly name: Name }
  /** A value alone: text that occurs somewhere in the connection's words. */
  | { readonly kind: "text"; readonly value: Value };

/** Longer ones are refused: a tree as deep as its text is long would overflow the stack. */
const LONGEST = 10_000;
const MOST_NESTED = 200;

/** The tree of a filter. Throws a `QueryError` that says where it is none. */
export function parseFilter(text: string): Condition {
  if (text.length > LONGEST) throw new QueryError(LONGEST, `a filter has at most ${LONGEST} characters`);
  refuseDeepNesting(text);
  if (text.trim() === "") throw new QueryError(0, "the filter is empty");
  try {
    return parse(text) as Condition;
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error;
    const at = error.location.start.offset;
    const [found = ""] = /^(?:\w+|\S?)/.exec(text.slice(at)) ?? [];
    throw new QueryError(at, sentenceOf(error, found));
  }
}

function refuseDeepNesting(text: string): void {
  let depth = 0;
  for (const { index, 0: what } of text.matchAll(/[()!]|\bnot\b/gi)) {
    if (what === ")") depth--;
    else depth++;
    if (depth > MOST_NESTED)
      throw new QueryError(index, `more than ${MOST_NESTED} conditions are nested here`);
  }
}

/** What stands there, and what of the more usual things could. */
function sentenceOf({ expected }: GrammarError, found: string): string {
  const descriptions = new Set(
    expected.map(({ type, text, description }) =>
      type === "end" ? "the end" : type === "literal" ? `"${text}"` : (description ?? ""),
    ),
  );
  const list = ORDER.filter((one) => descriptions.has(one));
  const last = list.pop() ?? "something else";
  const all = list.length === 0 ? last : `${list.join(", ")} or ${last}`;
  return `${found === "" ? "the filter ends here" : `"${found}" stands here`}, where ${all} is expected`;
}

/** What a sentence names, in this order; brackets around lists and alternatives of quotes are left out. */
const ORDER: readonly string[] = [
  "the name of a field",
  "one of = != < <= > >= ~",
  "a value",
  "and",
  "or",
  '")"',
  '"}"',
  "the end",
];
