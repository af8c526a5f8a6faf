/**
 * What is wrong with a filter or a check on the command line, with a mark below the place.
 */
import { printable, QueryError } from "../index.js";
import { PROGRAM } from "./version.js";

/** A filter that an option names is none; `cause` says where and why. */
class WrongOption extends Error {
  override readonly name = "WrongOption";
  override readonly cause: QueryError;
  readonly option: string;
  readonly text: string;

  constructor(option: string, text: string, cause: QueryError) {
    super(cause.message);
    this.option = option;
    this.text = text;
    this.cause = cause;
  }
}

/** What `compile` makes of the option's text. Throws what `filterComplaint` can tell. */
export function compiledOption<T>(option: string, text: string, compile: (text: string) => T): T {
  try {
    return compile(text);
  } catch (error) {
    throw error instanceof QueryError ? new WrongOption(option, text, error) : error;
  }
}

/** What is wrong with a filter, with a mark below the place; null for other errors. */
export function filterComplaint(error: unknown): string | null {
  if (!(error instanceof WrongOption)) return null;
  const { option, text, cause } = error;
  const mark = `${" ".repeat(printable(text.slice(0, cause.at)).length)}^`;
  return `${PROGRAM}: ${option}, ${cause.message}\n  ${printable(text)}\n  ${mark}\n`;
}
