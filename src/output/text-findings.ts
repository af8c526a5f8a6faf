/**
 * Findings as text: each says what was seen, who has to act and how sure that is, what to do, and where to look.
 */
import type { ConnectionFinding, Finding, FindingExample } from "../report/finding.js";
import { omittedText } from "../report/finding-words.js";
import type { Frame } from "../report/frame.js";
import type { CaptureSummary } from "../report/summary.js";
import { formatCount, formatDuration, formatNumberOf, printable, wrap } from "./format.js";
import { type Emphasis, emphasize, type Medium } from "./style.js";

/** The worst so many are told whole; a report that goes on for pages is read by nobody. */
const MOST_TOLD = 10;
const MOST_EXAMPLES = 3;
const INDENT = "    ";
const LABEL_WIDTH = 6;

const LOOKS: Readonly<Record<Finding["severity"], Emphasis>> = {
  problem: "problem",
  warning: "caution",
  note: "faint",
};

/** The block of findings, the worst first; empty where there are none. */
export function findingLines(
  { findings, findingsOmitted }: Pick<CaptureSummary, "findings" | "findingsOmitted">,
  medium: Medium,
): string[] {
  if (findings.length + findingsOmitted.length === 0) return [];
  const told = findings.slice(0, MOST_TOLD);
  const lines = told.flatMap((finding) => oneFinding(finding, medium));
  const left = findings.length - told.length;
  const more = left > 0 ? [`${formatNumberOf(left, "more finding")} in the JSON report`] : [];
  const omitted = findingsOmitted.flatMap((one) => wrap(omittedText(one), medium.width, INDENT));
  return [emphasize(medium, "heading", "Findings"), ...lines, ...more, ...omitted];
}

/** The same of one connection: all of them, with its own packets. */
export function connectionFindingLines(findings: readonly ConnectionFinding[], medium: Medium): string[] {
  if (findings.length === 0) return [];
  const lines = findings.flatMap((one) => oneFinding(one.finding, medium, whereInConnection(one)));
  return [emphasize(medium, "heading", "Findings"), ...lines];
}

function whereInConnection({ finding: { connections }, frames, lostMs }: ConnectionFinding): string {
  const others = connections - 1;
  return [
    frames.length === 0 ? "" : packetsText(frames),
    lostMs !== null && lostMs > 0 ? `time lost in this connection: ${formatDuration(lostMs)}` : "",
    others > 0 ? `${formatNumberOf(others, "other connection")} behind it` : "",
  ]
    .filter(Boolean)
    .join("; ");
}

function oneFinding(finding: Finding, medium: Medium, where = whereToLook(finding)): string[] {
  const word = finding.severity === "problem" ? "PROBLEM" : finding.severity;
  const [first = "", ...others] = wrap(`${word}  ${printable(finding.sentence)}`, medium.width, INDENT);
  return [
    emphasize(medium, LOOKS[finding.severity], first),
    ...others,
    ...labelled("who", whoActs(finding), medium),
    ...labelled("do", finding.advice, medium),
    ...labelled("see", where, medium),
  ];
}

function labelled(label: string, text: string, { width }: Medium): string[] {
  if (text === "") return [];
  return wrap(text, width - INDENT.length - LABEL_WIDTH).map(
    (line, i) => `${INDENT}${(i === 0 ? label : "").padEnd(LABEL_WIDTH)}${line}`,
  );
}

/** "server (likely)". */
export function whoActs({ actor, confidence, mistakenFor }: Finding): string {
  if (actor === "unknown") return `cannot be told from the capture (${confidence})`;
  const doubt = confidence === "possible" && mistakenFor !== null ? `; or it is ${mistakenFor}` : "";
  return `${actor} (${confidence}${doubt})`;
}

/** The packets of the worst examples, and how many more there are. */
export function whereToLook({ examples, connections, lostMs }: Finding): string {
  if (examples.length === 0) return "";
  const named = examples.slice(0, MOST_EXAMPLES).map(exampleText);
  const left = connections - named.length;
  if (left > 0) named.push(`${formatCount(left)} more`);
  const cost = lostMs !== null && lostMs > 0 ? ` (time lost: ${formatDuration(lostMs)})` : "";
  return `${named.join("; ")}${cost}`;
}

function exampleText({ connection, frames }: FindingExample): string {
  return `connection ${printable(connection)}${frames.length === 0 ? "" : `, ${packetsText(frames)}`}`;
}

function packetsText(frames: readonly Frame[]): string {
  return printable(`${frames.length === 1 ? "packet" : "packets"} ${frames.join(", ")}`);
}
