/** Prints scores of labels: a table for each group, programs beside each other, and the confusion matrix. */
import { f1, type LabelScore, METRIC_NAMES, type MetricName, precision, recall } from "./label-score.js";

export interface Column {
  readonly name: string;
  readonly score: LabelScore;
  /** What the program has a word for; null: everything. */
  readonly metrics: ReadonlySet<MetricName> | null;
}

const NAME_WIDTH = 26;
const COUNT_WIDTH = 7;
const PERCENT_WIDTH = 8;

function percent(share: number): string {
  return (Number.isNaN(share) ? "-" : (100 * share).toFixed(2)).padStart(PERCENT_WIDTH);
}

/** The table of one group: the first program with its counts, the others with their shares alone. */
function groupTable(group: string, columns: readonly Column[]): string[] {
  const [own, ...others] = columns;
  const shares = `${"precision".padStart(11)}${"recall".padStart(PERCENT_WIDTH)}${"F1".padStart(PERCENT_WIDTH)}`;
  const counts = ["truth", "hit", "false", "missed"].map((word) => word.padStart(COUNT_WIDTH)).join("");
  const lines = [
    "",
    group.padEnd(NAME_WIDTH + 4 * COUNT_WIDTH) + columns.map(({ name }) => `  ${name}`.padEnd(27)).join(" |"),
    "".padEnd(NAME_WIDTH) + counts + columns.map(() => shares).join(" |"),
  ];
  for (const name of METRIC_NAMES) {
    const figures = own!.score.groups.get(group)?.get(name);
    if (!figures) continue;
    const { hit, wrong, missed } = figures;
    const numbers = [hit + missed, hit, wrong, missed].map((n) => String(n).padStart(COUNT_WIDTH)).join("");
    const cells = [own!, ...others].map(({ score, metrics }) => {
      const said = metrics && !metrics.has(name) ? undefined : score.groups.get(group)?.get(name);
      const [p, r, f] = said ? [precision(said), recall(said), f1(said)] : [NaN, NaN, NaN];
      return `   ${percent(p)}${percent(r)}${percent(f)}`;
    });
    lines.push(name.padEnd(NAME_WIDTH) + numbers + cells.join(" |"));
  }
  const alarms = columns.flatMap(({ name, score }) => {
    const originals = score.originals.get(group);
    return originals ? [`${name} ${originals.alarms} of ${originals.all}`] : [];
  });
  lines.push(`false alarms on originals in order: ${alarms.join(", ")}`);
  return lines;
}

/** A row for each of the kernel's words, and what the program said of such frames, the most frequent word first. */
function confusionMatrix({ name, score }: Column): string[] {
  const rows = [...score.confusion].sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(NAME_WIDTH, ...rows.map(([kind]) => kind.length + 2));
  return [
    "",
    `confusion matrix, ${name}: what the kernel sent, and what was said of it`,
    ...rows.map(([kind, row]) => {
      const cells = [...row].sort(([, a], [, b]) => b - a);
      return kind.padEnd(width) + cells.map(([word, count]) => `${word} ${count}`).join(", ");
    }),
  ];
}

export function labelTables(columns: readonly Column[]): string {
  const groups = [...columns[0]!.score.groups.keys()].sort((a, b) => (a < b ? -1 : 1));
  const matrices = columns.filter(({ score }) => score.confusion.size > 0);
  return [
    ...groups.flatMap((group) => groupTable(group, columns)),
    ...matrices.flatMap((column) => confusionMatrix(column)),
  ].join("\n");
}
