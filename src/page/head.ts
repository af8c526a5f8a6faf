/** What every screen of the page has above it: which capture it is, and what limits its figures. */
import { formatCount } from "../output/format.js";
import type { PageData } from "../output/html/page-data.js";
import { captureFacts, limitations } from "../output/text.js";
import { el } from "./dom.js";

export function headOf({ summary, generator }: PageData): readonly HTMLElement[] {
  const { files, filter } = summary;
  const { facts, origin } = captureFacts(summary, "·");
  const selection =
    filter === null ? "" : `those of ${formatCount(filter.connections)} that match ${filter.where}`;
  const limits = limitations(summary).map(limitLine);
  return [
    el("h1", {}, files.join(", ")),
    el("p", { class: "quiet" }, [facts, origin, selection].filter((part) => part !== "").join(" · ")),
    ...(limits.length === 0 ? [] : [el("ul", { class: "limits" }, limits)]),
    el("p", { class: "quiet print" }, `${generator.name} ${generator.version}`),
  ];
}

function limitLine([isFatal, sentence]: readonly [isFatal: boolean, sentence: string]): HTMLElement {
  return el(
    "li",
    { class: isFatal ? "problem" : "note" },
    el("b", {}, isFatal ? "PROBLEM " : "note "),
    sentence,
  );
}
