/** docs/findings.md, made from the catalogue: every rule explained to somebody who never met it. */
import { CAPTURE_RULES, HOST_RULES, RULES } from "../../src/diagnosis/catalogue.js";
import type { CaptureRule, HostRule, Rule } from "../../src/diagnosis/rule.js";

const OPENING = `# Findings

What the program concludes from a capture, rule by rule. A finding names who has to act: the client's or the server's
side, the network, a box on the way, or whoever made the capture. *Certain* is what the packets prove, *likely* what they
show, *possible* what they allow. A rule that cannot tell says nothing.
`;

export function findingsDocument(): string {
  const rules = [...RULES, ...HOST_RULES, ...CAPTURE_RULES];
  const list = rules.map(({ id, title, severity }) => `| [\`${id}\`](#${id}) | ${title} | ${severity} |`);
  const table = ["| finding | what | severity |", "| --- | --- | --- |", ...list].join("\n");
  return `${OPENING}\n${table}\n\n${rules.map(section).join("\n")}`;
}

function section({
  id,
  title,
  severity,
  actor,
  confidence,
  what,
  why,
  advice,
  mistakenFor,
}: Rule | HostRule | CaptureRule): string {
  const acts = actor === "unknown" ? "told by what was seen" : actor;
  return [
    `## ${id}\n`,
    `**${title}** (${severity}; who acts: ${acts}; usually ${confidence})\n`,
    `${what}\n`,
    `*Why it matters.* ${why}\n`,
    `*What to do.* ${sentence(advice)}\n`,
    ...(mistakenFor === null ? [] : [`*Mistaken for.* ${sentence(mistakenFor)}\n`]),
  ].join("\n");
}

/** A clause as a sentence of its own. */
function sentence(clause: string): string {
  return `${clause[0]!.toUpperCase()}${clause.slice(1)}.`;
}
