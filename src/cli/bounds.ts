/** What the command line says of an analysis and its bounds, reported or shown. */
import { compileFilter } from "../index.js";
import type { CommandLine } from "./options.js";
import { plainBounds } from "./plain-bounds.js";

/** All of it. Throws `QueryError` where the filter is none. */
export function analysisBounds(line: CommandLine) {
  return { ...plainBounds(line), ...(line.where === null ? {} : { where: compileFilter(line.where) }) };
}
