/** The known name that a mistyped one is closest to. */
import { distance } from "fastest-levenshtein";

/** More wrong characters than this, or than a third of the name, and it was another name that was meant. */
const MOST_WRONG = 3;

/** The nearest of the names, the first of equals; null where none is near. Capitals do not count. */
export function nearestTo(name: string, names: readonly string[]): string | null {
  const lower = name.toLowerCase();
  let nearest: string | null = null;
  let least = Math.min(MOST_WRONG, Math.ceil(lower.length / 3)) + 1;
  for (const candidate of names) {
    const wrong = distance(lower, candidate.toLowerCase());
    if (wrong < least) [nearest, least] = [candidate, wrong];
  }
  return nearest ?? names.find((candidate) => candidate.toLowerCase().includes(lower)) ?? null;
}
