/** The known name that a mistyped one is closest to. */

/** More wrong characters than this, or than a third of the name, and it was another name that was meant. */
const MOST_WRONG = 3;

/** The nearest of the names, the first of equals; null where none is near. Capitals do not count. */
export function nearestTo(name: string, names: readonly string[]): string | null {
  const lower = name.toLowerCase();
  let nearest: string | null = null;
  let least = Math.min(MOST_WRONG, Math.ceil(lower.length / 3)) + 1;
  for (const candidate of names) {
    const wrong = editDistance(lower, candidate.toLowerCase());
    if (wrong < least) [nearest, least] = [candidate, wrong];
  }
  return nearest ?? names.find((candidate) => candidate.toLowerCase().includes(lower)) ?? null;
}

/** Characters to insert, remove or replace (Levenshtein) to get from one word to the other. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1));
    }
    above = row;
  }
  return above[b.length]!;
}
