/**
 * Findings in the order in which they came to light, for whoever watches a capture: the newest first.
 */
import { useRef } from "react";
import type { Finding } from "../../report/finding.js";
import type { CaptureSummary } from "../../report/summary.js";

export interface NewFinding {
  readonly finding: Finding;
  /** When it was first seen, since the beginning of the capture. */
  readonly atMs: number;
}

interface Seen {
  readonly summary: CaptureSummary;
  readonly news: readonly NewFinding[];
}

/** Remembers when each finding was first seen; what stands in one changes with the capture, and where it is gone it is left out. */
export function useNews(summary: CaptureSummary, isLive: boolean): readonly NewFinding[] {
  const seen = useRef<Seen | null>(null);
  if (!isLive) return [];
  if (seen.current?.summary !== summary) {
    const news = renewed(seen.current?.news ?? [], summary);
    seen.current = { summary, news };
  }
  return seen.current.news;
}

/** The newest first; those that came at the same time, the worst first. */
export function renewed(before: readonly NewFinding[], summary: CaptureSummary): readonly NewFinding[] {
  const times = new Map(before.map(({ finding, atMs }) => [nameOf(finding), atMs]));
  return summary.findings
    .map((finding) => ({ finding, atMs: times.get(nameOf(finding)) ?? summary.durationMs }))
    .sort((a, b) => b.atMs - a.atMs);
}

function nameOf({ id, where, actor }: Finding): string {
  return `${id} ${where} ${actor}`;
}
