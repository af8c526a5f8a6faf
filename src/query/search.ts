/**
 * One line for both: words, all of which occur in a connection, or a filter where the line has the form of one.
 */
import { searchText } from "../report/search-text.js";
import { compileFilter, type RecordTest } from "./filter.js";
import { QueryError } from "./query-error.js";

/** Whether a line is meant as a filter: words that people look for have no operators. */
export function isFilter(line: string): boolean {
  return /[=<>~"'()]|\s(in|not|and|or)\s|^\s*not\s/i.test(line);
}

/** What is wrong with a line that is meant as a filter; null where nothing is. */
export function searchProblem(line: string): string | null {
  try {
    compileSearch(line);
    return null;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return error.message;
  }
}

/** The test of a line, or null for one that every connection passes. Throws a `QueryError` for a filter that is none. */
export function compileSearch(line: string): RecordTest | null {
  if (line.trim() === "") return null;
  if (isFilter(line)) return compileFilter(line).matches;
  const words = line.toLowerCase().split(/\s+/).filter(Boolean);
  return (record) => {
    const text = searchText(record);
    return words.every((word) => text.includes(word));
  };
}
