/** What the command line says of an analysis and its bounds, reported or shown. */
import { compileFilter } from "../index.js";
import { compiledOption } from "./filter-complaint.js";
import type { CommandLine } from "./options.js";
import { plainBounds } from "./plain-bounds.js";

/** All of it. Throws what `filterComplaint` can tell where the filter is none. */
export function analysisBounds(line: CommandLine) {
  return {
    ...plainBounds(line),
    ...(line.where === null ? {} : { where: compiledOption("--where", line.where, compileFilter) }),
  };
}
