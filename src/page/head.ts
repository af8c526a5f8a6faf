/** What every screen of the page has above it: which capture it is, and what limits its figures. */
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatTimeOfDay,
  timestampUnits,
} from "../output/format.js";
import type { PageData } from "../output/html/page-data.js";
import type { CaptureSummary } from "../report/summary.js";
import { el } from "./dom.js";

export function headOf({ summary, generator }: PageData): readonly HTMLElement[] {
  const { files, wireBytes, durationMs, packets, connections, format, start, filter } = summary;
  const figures = [
    formatBytes(wireBytes),
    formatDuration(durationMs),
    formatNumberOf(packets, "packet"),
    formatNumberOf(connections, "connection"),
    [format, timestampUnits(summary)].filter((part) => part !== "").join(" in "),
    start === null ? "" : `from ${start.slice(0, 10)} ${formatTimeOfDay(start)} UTC`,
    filter === null ? "" : `those of ${formatCount(filter.connections)} that match ${filter.where}`,
  ];
  const limits = limitsOf(summary);
  return [
    el("h1", {}, files.join(", ")),
    el("p", { class: "quiet" }, figures.filter((part) => part !== "").join(" · ")),
    ...(limits.length === 0 ? [] : [el("ul", { class: "limits" }, limits)]),
    el("p", { class: "quiet print" }, `${generator.name} ${generator.version}`),
  ];
}

/** What limits the figures, a line each. */
function limitsOf(summary: CaptureSummary): HTMLElement[] {
  const { isComplete, problems, skipped, missingBytes, notes } = summary;
  const line = (text: string, isFatal = false) =>
    el("li", { class: isFatal ? "problem" : "note" }, el("b", {}, isFatal ? "PROBLEM " : "note "), text);
  return [
    ...(isComplete ? [] : [line("reading was stopped before the end: these figures are partial")]),
    ...problems.map(({ sentence, count, isFatal }) =>
      line(count > 1 ? `${sentence} (${formatCount(count)} times)` : sentence, isFatal),
    ),
    ...skipped
      .filter(({ isDefect, packets }) => isDefect && packets > 0)
      .map(({ packets, title }) => line(`${formatNumberOf(packets, "packet")} not read: ${title}`)),
    ...(missingBytes > 0
      ? [line(`capture loss: ${formatBytes(missingBytes)} were acknowledged and are not in the capture`)]
      : []),
    ...notes.map((note) => line(note)),
  ];
}
