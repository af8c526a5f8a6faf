/** What a finding means, as `--explain` tells it. */
import { explanation, FINDING_ENTRIES, findingList, nearestTo, printable } from "../index.js";
import { PROGRAM } from "./version.js";

const WIDTH = 80;

/** Writes it, or all names for "list"; the exit status. */
export function explain(name: string): number {
  if (name === "list") {
    process.stdout.write(findingList(FINDING_ENTRIES));
    return 0;
  }
  const entry = FINDING_ENTRIES.find(({ id }) => id === name);
  if (entry === undefined) {
    const nearest = nearestTo(
      name,
      FINDING_ENTRIES.map(({ id }) => id),
    );
    const hint = nearest === null ? "--explain list names all" : `did you mean ${nearest}?`;
    process.stderr.write(`${PROGRAM}: --explain: no finding has the name ${printable(name)}; ${hint}\n`);
    return 2;
  }
  process.stdout.write(explanation(entry, Math.min(100, process.stdout.columns || WIDTH)));
  return 0;
}
