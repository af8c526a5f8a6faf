/**
 * Writes the reference pages of docs/ from the tables of the code: the fields of a connection, and the state machine.
 *
 * Pure: tables in, Markdown out; docs.test.ts compares it with what is kept.
 */
import { FIELDS } from "../../src/report/fields.js";
import { STATE_NAMES } from "../../src/tcp/states.js";
import { EVENT_NAMES, TRANSITIONS } from "../../src/tcp/transitions.js";

const UNITS: Readonly<Record<string, string>> = {
  ms: "milliseconds",
  bytes: "bytes",
  count: "number",
  text: "text",
  time: "time of day",
  flag: "true or false",
  list: "list",
};

/** docs/fields.md */
export function fieldsPage(): string {
  const rows = FIELDS.map(
    ({ name, title, unit, description }) => `| \`${name}\` | ${title} | ${UNITS[unit]} | ${description} |`,
  );
  return [
    "# Fields of a connection",
    "",
    "Every value that is reported of a connection, by its path in the JSON document; in NDJSON the path is the name.",
    "Unknown is `null`, never 0. This page is made from `src/report/fields.ts`.",
    "",
    "| name | heading | unit | meaning |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

/** docs/state-machine.md */
export function stateMachinePage(): string {
  const lines = [
    "# The state machine",
    "",
    "What each event does to an endpoint in each of the eleven states (RFC 9293 §3.3.2). An event that is not listed for",
    "a state leaves the state as it is and counts as unexpected. This page is made from `src/tcp/transitions.ts`.",
    "",
    `Events: ${EVENT_NAMES.map((name) => `\`${name}\``).join(", ")}.`,
    "",
  ];
  for (const state of STATE_NAMES) {
    lines.push(`## ${state}`, "", "| event | next state | by | because |", "| --- | --- | --- | --- |");
    for (const [from, event, to, source, reason] of TRANSITIONS) {
      if (from === state)
        lines.push(`| \`${event}\` | ${to === from ? "the same" : to} | ${source} | ${reason} |`);
    }
    lines.push("");
  }
  return lines.join("\n");
}
