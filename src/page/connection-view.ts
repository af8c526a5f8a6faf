/** One connection: what happened, its findings, its graphs, its ladder, and every number that is known of it. */
import { valueText } from "../output/connection-text.js";
import { formatDuration, formatEndpoint, formatNumberOf, formatTimeOfDay } from "../output/format.js";
import { cellsOf, ladderOf, type PageData } from "../output/html/page-data.js";
import type { FieldValue } from "../report/fields/field.js";
import { FIELDS } from "../report/fields.js";
import { storyOf } from "../report/ladder-story.js";
import { busierSide } from "../report/plot.js";
import type { ConnectionRecord } from "../report/record.js";
import { sentenceFor } from "../report/sentence.js";
import { el, section, tableOf } from "./dom.js";
import { Graphs } from "./graphs.js";
import { LadderTable } from "./ladder-table.js";
import type { View } from "./view.js";

/** `frame`: of the segment to go to, or null. */
export function connectionView(data: PageData, id: string, frame: string | null): View {
  const detail = Object.hasOwn(data.details, id) ? data.details[id] : undefined;
  if (detail === undefined) {
    // A text of the address goes into no command that somebody may copy.
    const missing = cellsOf(data.columns[0]!).includes(id)
      ? "Of this connection the file holds no more than its row in the table: tcpflow-analyze --connection, with its id, shows it."
      : "No connection of this file has the id that the address names.";
    return { element: section("Connection", el("p", {}, missing), back()) };
  }
  const ladder = ladderOf(detail);
  const { record, rows, omitted, absent } = ladder;
  const graphs = rows.length > 0 ? new Graphs(rows, busierSide(rows)) : null;
  const table = new LadderTable(rows);
  const titles = new Map(data.summary.findings.map((finding) => [finding.id, finding.title]));
  return {
    element: el(
      "div",
      {},
      back(),
      section(
        `${formatEndpoint(record.client.address, record.client.port)} → ${formatEndpoint(record.server.address, record.server.port)}`,
        el(
          "p",
          { class: "quiet" },
          [
            formatTimeOfDay(record.start),
            formatDuration(record.durationMs),
            record.close,
            `connection ${id}`,
          ].join(" · "),
        ),
        el("p", {}, `${sentenceFor(record)}.`),
        el(
          "ul",
          {},
          storyOf(ladder).map((sentence) => el("li", {}, sentence)),
        ),
        record.findings.length === 0
          ? null
          : el(
              "p",
              {},
              el("b", {}, "Findings: "),
              record.findings.map((name) => titles.get(name) ?? name).join(", "),
            ),
      ),
      graphs?.element ?? null,
      section(
        "Segments",
        absent === null ? table.element : el("p", {}, `No diagram: ${absent}.`),
        omitted > 0
          ? el(
              "p",
              { class: "quiet" },
              `${formatNumberOf(omitted, "more segment")} of this connection are not in this file.`,
            )
          : null,
      ),
      numbers(record),
    ),
    enter() {
      graphs?.draw();
      if (frame !== null) table.goTo(frame);
    },
    leave() {
      graphs?.remove();
    },
  };
}

function back(): HTMLElement {
  return el("p", {}, el("a", { href: "#connections" }, "← all connections"));
}

/** Both sides beside each other, then what is of the connection as a whole. */
function numbers(record: ConnectionRecord): HTMLElement {
  const sides = FIELDS.filter(({ name }) => name.startsWith("client.")).map((field) => {
    const name = field.name.slice("client.".length);
    const other = FIELDS.find((candidate) => candidate.name === `server.${name}`)!;
    return { name, field, values: [field.read(record), other.read(record)] };
  });
  const whole = FIELDS.filter(({ name, unit }) => !/^(client|server)\./.test(name) && unit !== "list").map(
    (field) => ({ name: field.name, field, values: [field.read(record)] }),
  );
  const rowsOf = (list: typeof sides, isQuiet: boolean) =>
    list
      .filter(({ values }) => values.some((value) => value !== null) && values.every(isNothing) === isQuiet)
      .map(({ name, field, values }) =>
        el(
          "tr",
          {},
          el("th", { scope: "row", title: field.description }, name),
          values.map((value) => el("td", {}, valueText(field, value))),
        ),
      );
  const tables = (isQuiet: boolean) =>
    el(
      "div",
      { class: "columns" },
      numberTable(["", "client", "server"], rowsOf(sides, isQuiet)),
      numberTable(["", "connection"], rowsOf(whole, isQuiet)),
    );
  return section(
    "All numbers",
    tables(false),
    el("details", {}, el("summary", {}, "What did not occur"), tables(true)),
  );
}

function isNothing(value: FieldValue): boolean {
  return value === null || value === 0 || value === false;
}

function numberTable(titles: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  return el("div", { class: "wide" }, tableOf("numbers", titles, el("tbody", {}, rows)));
}
