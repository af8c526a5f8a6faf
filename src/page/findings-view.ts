/** The findings, the worst first: what was seen, whose it is, what to do, and the connections that show it. */
import { formatCount, formatDuration, formatNumberOf } from "../output/format.js";
import type { PageData } from "../output/html/page-data.js";
import { CERTAINTY, type Finding, type FindingExample } from "../report/finding.js";
import type { Frame } from "../report/frame.js";
import { el, facts, section } from "./dom.js";
import type { View } from "./view.js";

/** A shape beside each colour. */
const MARKS = { problem: "✖ PROBLEM", warning: "▲ warning", note: "● note" } as const;
export function findingsView(data: PageData): View {
  const { findings, findingsOmitted } = data.summary;
  const omitted = findingsOmitted.map(({ title, connections }) =>
    el("li", {}, `${title}: ${formatNumberOf(connections, "more connection")} in no finding`),
  );
  const none = el("p", {}, "No findings: no rule has anything to tell of this capture.");
  const list = findings.length === 0 ? [none] : findings.map((finding) => findingCard(data, finding));
  return {
    element: section(
      `Findings (${formatCount(findings.length)})`,
      ...list,
      omitted.length === 0 ? null : el("ul", { class: "quiet" }, omitted),
    ),
  };
}

/** `isBrief`: without what only somebody who goes after it needs. */
export function findingCard(data: PageData, finding: Finding, isBrief = false): HTMLElement {
  const { id, severity, title, where, sentence, actor, confidence, advice, mistakenFor } = finding;
  const cost =
    finding.lostMs !== null && finding.lostMs > 0 ? `${formatDuration(finding.lostMs)} in all` : "";
  return el(
    "article",
    { class: `finding ${severity}` },
    el(
      "h3",
      {},
      el("span", { class: "badge" }, MARKS[severity]),
      ` ${title}`,
      where === null ? null : el("span", { class: "quiet" }, ` ${where}`),
    ),
    el("p", {}, `${sentence}.`),
    facts(
      isBrief
        ? [["what to do", advice]]
        : [
            ["has to act", actor === "unknown" ? "cannot be told from the capture" : actor],
            ["how sure", CERTAINTY[confidence]],
            ["what to do", advice],
            ["mistaken for", mistakenFor],
            ["connections", finding.connections > 0 ? formatCount(finding.connections) : ""],
            ["time lost", cost],
            ["examples", examples(data, finding.examples)],
            ["name", el("code", {}, id)],
          ],
    ),
  );
}

function examples(data: PageData, list: readonly FindingExample[]): HTMLElement | null {
  if (list.length === 0) return null;
  return el(
    "ul",
    { class: "plain" },
    list.map(({ connection, frames, lostMs }) =>
      el(
        "li",
        {},
        connectionLink(data, connection),
        lostMs !== null && lostMs > 0 ? ` · ${formatDuration(lostMs)} lost` : null,
        frames.length > 0 ? " · packets " : null,
        ...frames.flatMap((frame, i) => [i > 0 ? ", " : null, frameLink(data, connection, frame)]),
      ),
    ),
  );
}

/** Leads to the connection where the page holds more of it. */
export function connectionLink({ details }: PageData, id: string): HTMLElement {
  if (!Object.hasOwn(details, id)) return el("span", {}, `connection ${id}`);
  return el("a", { href: `#${new URLSearchParams({ connection: id })}` }, `connection ${id}`);
}

function frameLink({ details }: PageData, id: string, frame: Frame): Node {
  if (!Object.hasOwn(details, id)) return el("span", {}, String(frame));
  return el(
    "a",
    { href: `#${new URLSearchParams({ connection: id, frame: String(frame) })}` },
    String(frame),
  );
}
