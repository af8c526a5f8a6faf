/**
 * Several histograms over one scale: their classes joined, their counts put into the joined ones. Pure.
 */
import type { Histogram } from "../report/summary.js";

/** Edges that differ by less than this share are the same edge, computed twice. */
const SAME = 1e-6;
/** A step between edges above this factor is a gap that no class covers. */
const GAP = 6;
const FILL = 2;

/** The edges of all histograms in order, each once; gaps between them are filled with classes of their own. */
export function joinClasses(histograms: readonly Histogram[]): readonly number[] {
  const edges = histograms.flatMap((histogram) => histogram.edgesMs).sort((a, b) => a - b);
  const joined: number[] = [];
  for (const edge of edges) {
    const last = joined.at(-1);
    if (last !== undefined && edge - last <= edge * SAME) continue;
    if (last !== undefined && last > 0) {
      for (let filler = last * FILL; edge / (joined.at(-1) ?? edge) > GAP; filler *= FILL)
        joined.push(filler);
    }
    joined.push(edge);
  }
  return joined;
}

/** The counts of `histogram` in the classes between `edges`, each class put where its middle lies. */
export function regroup(histogram: Histogram, edges: readonly number[]): readonly number[] {
  const counts = new Array<number>(Math.max(0, edges.length - 1)).fill(0);
  histogram.counts.forEach((count, index) => {
    const from = histogram.edgesMs[index]!;
    const to = histogram.edgesMs[index + 1]!;
    const middle = from > 0 ? Math.sqrt(from * to) : to / 2;
    const at = edges.findLastIndex((edge) => edge <= middle);
    counts[Math.max(0, Math.min(counts.length - 1, at))]! += count;
  });
  return counts;
}
