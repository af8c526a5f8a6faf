/** The ladder: a line a segment, an arrow from its sender to its receiver, both sides' states where they change. */
import { formatCount, formatDuration, formatNumberOf } from "../output/format.js";
import { labelWords } from "../report/row-label.js";
import type { LadderRow } from "../report/view.js";
import { el, tableOf } from "./dom.js";

/** Segments that are added at a time. */
const AT_ONCE = 500;

export class LadderTable {
  readonly element: HTMLElement;
  readonly #rows: readonly LadderRow[];
  readonly #body = el("tbody", {});
  readonly #more = el("button", { type: "button", click: () => this.#add(AT_ONCE) });

  constructor(rows: readonly LadderRow[]) {
    this.#rows = rows;
    const titles = ["frame", "time", "since before", "client", "", "server", "remarks"];
    this.element = el("div", { class: "wide" }, tableOf("ladder", titles, this.#body), this.#more);
    this.#add(AT_ONCE);
  }

  /** Brings the segment with that frame into sight, and marks it. */
  goTo(frame: string): void {
    const at = this.#rows.findIndex((row) => String(row.frame) === frame);
    if (at < 0) return;
    if (at >= this.#body.childElementCount) this.#add(at - this.#body.childElementCount + AT_ONCE);
    const line = this.#body.children[at]!;
    line.classList.add("here");
    line.scrollIntoView({ block: "center" });
  }

  #add(count: number): void {
    const from = this.#body.childElementCount;
    this.#body.append(...this.#rows.slice(from, from + count).map(lineOf));
    const left = this.#rows.length - this.#body.childElementCount;
    this.#more.hidden = left <= 0;
    this.#more.textContent = `${formatNumberOf(left, "more segment")}`;
  }
}

function lineOf(row: LadderRow): HTMLElement {
  const words = labelWords(row);
  const isRepeat = row.label === "retransmission";
  const remarks = [...(words === "" ? [] : [words]), ...row.remarks].join(", ");
  const sender = row.from === "client" ? "from the client" : "from the server";
  return el(
    "tr",
    { class: words === "" ? null : "labelled" },
    el("th", { scope: "row" }, String(row.frame)),
    el("td", { class: "number" }, formatDuration(row.atMs)),
    el("td", { class: "number" }, row.deltaMs < 0 ? "earlier" : formatDuration(row.deltaMs)),
    el("td", { class: "state left" }, row.clientState ?? ""),
    el(
      "td",
      { class: `arrow ${row.from}${isRepeat ? " repeat" : ""}` },
      el("span", { class: "unseen" }, `${sender}: `),
      el("span", {}, arrowText(row)),
    ),
    el("td", { class: "state" }, row.serverState ?? ""),
    el("td", {}, remarks),
  );
}

function arrowText(row: LadderRow): string {
  const { flags, sequence, payloadBytes, end, acknowledgment, sack, window } = row;
  // What an ICMP error quotes stands among the remarks: it has no numbers of its own.
  if (flags === "ICMP") return flags;
  const parts = [flags];
  if (payloadBytes > 0) parts.push(`${sequence}:${sequence + payloadBytes} (${formatCount(payloadBytes)})`);
  else if (end !== sequence || flags.includes("RST")) parts.push(`seq ${sequence}`);
  if (acknowledgment !== null) parts.push(`ack ${acknowledgment}`);
  parts.push(...sack.map(([left, right]) => `SACK ${left}:${right}`), `win ${window}`);
  return parts.join(" ");
}
