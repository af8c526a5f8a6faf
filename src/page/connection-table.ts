/**
 * The table of connections: as many as the report lists, of which only the rows in sight are in the page. Sorts by any column,
 * finds words, moves by the keys that tables usually have, and opens a connection with Enter or a click.
 */
import { formatBytesShort, formatCount, formatDuration, formatNumberOf } from "../output/format.js";
import { type Cell, cellsOf, type PageData, ROW_COLUMNS } from "../output/html/page-data.js";
import { el, section, show } from "./dom.js";
import { compare } from "./sorting.js";
import type { View } from "./view.js";

/** Height of a row in report.css, and rows that stand ready above and below those in sight. */
const ROW_HEIGHT = 24;
const SPARE = 12;
/** Rows that are printed. */
const PRINTED = 200;

export class ConnectionTable implements View {
  readonly element: HTMLElement;
  readonly #data: PageData;
  readonly #columns: readonly (readonly Cell[])[];
  /** Numbers of columns in which anything stands. */
  readonly #shown: readonly number[];
  readonly #isKnown: (row: number) => boolean;
  #texts: readonly string[] | null = null;
  /** Rows that match, in their order. */
  #rows: number[];
  #by = -1;
  #isDescending = false;
  /** Place of the row that keys move. */
  #at = 0;
  #scrollTop = 0;
  /** Other rows stand there than those in sight. */
  #isPrinted = false;
  /** The headings that can be sorted by, by their columns. */
  readonly #headings = new Map<number, HTMLElement>();
  readonly #lines = new Map<number, HTMLElement>();
  readonly #body = el("tbody", {});
  readonly #pane: HTMLElement;
  readonly #search = el("input", {
    type: "search",
    id: "search",
    placeholder: "address, port, state, close, finding …",
  });
  readonly #found = el("span", { role: "status", class: "quiet" });
  /** Why Enter opened nothing. */
  readonly #reason = el("p", { role: "status", class: "quiet reason" });
  readonly #table: HTMLElement;

  constructor(data: PageData) {
    this.#data = data;
    this.#columns = data.columns.map(cellsOf);
    this.#shown = ROW_COLUMNS.map((_, i) => i).filter((i) =>
      this.#columns[i]!.some((cell) => cell !== null && cell !== "" && cell !== 0),
    );
    const ids = this.#columns[0]!;
    this.#isKnown = (row) => Object.hasOwn(data.details, String(ids[row]));
    this.#rows = this.#all();
    for (const i of this.#shown) {
      const button = el("button", { type: "button", click: () => this.#sortBy(i) }, ROW_COLUMNS[i]!.title);
      this.#headings.set(i, el("th", { scope: "col" }, button));
    }
    const head = el("tr", {}, [...this.#headings.values()]);
    this.#table = el("table", { class: "rows" }, el("thead", {}, head), this.#body);
    this.#pane = el(
      "div",
      { class: "pane", tabindex: 0, role: "group", "aria-label": "Connections" },
      this.#table,
    );
    this.#pane.addEventListener("scroll", () => {
      if (this.#isPrinted) return;
      this.#scrollTop = this.#pane.scrollTop;
      this.#draw();
    });
    this.#pane.addEventListener("keydown", (event) => this.#key(event));
    this.#search.addEventListener("input", () => this.#select());
    const { connections } = data.summary;
    const left = connections - data.count;
    this.element = section(
      "Connections",
      el(
        "p",
        {},
        el("label", { for: "search" }, "Find "),
        this.#search,
        " ",
        this.#found,
        left > 0 ? `; ${formatNumberOf(left, "more")} not in this file: it lists the worst` : null,
      ),
      this.#reason,
      this.#pane,
    );
  }

  enter(): void {
    // Out of the page the pane forgot what it showed.
    this.#pane.scrollTop = this.#scrollTop;
    this.#bringIntoSight();
    this.#draw();
    window.addEventListener("resize", this.#drawSoon);
    window.addEventListener("beforeprint", this.#drawPrinted);
    window.addEventListener("afterprint", this.#drawAgain);
  }

  leave(): void {
    window.removeEventListener("resize", this.#drawSoon);
    window.removeEventListener("beforeprint", this.#drawPrinted);
    window.removeEventListener("afterprint", this.#drawAgain);
  }

  readonly #drawSoon = () => {
    if (!this.#isPrinted) this.#draw();
  };
  readonly #drawAgain = () => {
    this.#lines.clear();
    this.#draw();
    // Only now is there as much to scroll as before.
    this.#pane.scrollTop = this.#scrollTop;
    this.#isPrinted = false;
    this.#draw();
  };
  readonly #drawPrinted = () => {
    this.#isPrinted = true;
    const { length } = this.#rows;
    if (length > PRINTED)
      this.#found.textContent = `the first ${PRINTED} of ${formatNumberOf(length, "connection")}`;
    this.#lines.clear();
    show(this.#body, ...this.#rows.slice(0, PRINTED).map((_, at) => this.#lineAt(at)));
  };

  #all(): number[] {
    return Array.from({ length: this.#data.count }, (_, row) => row);
  }

  /** The rows that hold every word, in the chosen order. */
  #select(): void {
    const words = this.#search.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    this.#texts ??= this.#all().map((row) =>
      this.#shown
        .map((i) => this.#columns[i]![row] ?? "")
        .join(" ")
        .toLowerCase(),
    );
    const texts = this.#texts;
    this.#rows = this.#all().filter((row) => words.every((word) => texts[row]!.includes(word)));
    this.#sort();
    this.#at = 0;
    this.#lines.clear();
    this.#pane.scrollTop = 0;
    this.#draw();
  }

  #sort(): void {
    if (this.#by < 0) return;
    const cells = this.#columns[this.#by]!;
    const sign = this.#isDescending ? -1 : 1;
    this.#rows.sort((a, b) => compare(cells[a]!, cells[b]!, sign) || a - b);
  }

  #sortBy(column: number): void {
    this.#isDescending = column === this.#by ? !this.#isDescending : ROW_COLUMNS[column]!.unit !== "text";
    this.#by = column;
    this.#sort();
    // The buttons stay: one that was replaced would lose the focus.
    for (const [i, heading] of this.#headings)
      if (i === column) heading.setAttribute("aria-sort", this.#isDescending ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    this.#lines.clear();
    this.#pane.scrollTop = 0;
    this.#draw();
  }

  /**
   * The rows in sight, with as much room above and below as the others would take. Rows that were there stay, and with them
   * what is selected in them.
   */
  #draw(): void {
    const { scrollTop, clientHeight } = this.#pane;
    const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - SPARE);
    const end = Math.min(this.#rows.length, Math.ceil((scrollTop + clientHeight) / ROW_HEIGHT) + SPARE);
    for (const [at, line] of this.#lines)
      if (at < first || at >= end) {
        line.remove();
        this.#lines.delete(at);
      }
    const lines = Array.from({ length: Math.max(0, end - first) }, (_, i) => this.#lineAt(first + i));
    this.#place([roomOf(first), ...lines, roomOf(this.#rows.length - end)]);
    this.#table.setAttribute("aria-rowcount", String(this.#rows.length + 1));
    this.#found.textContent = formatNumberOf(this.#rows.length, "connection");
  }

  /** Makes `wanted` the table's rows, without moving those that stay. */
  #place(wanted: readonly HTMLElement[]): void {
    const isWanted = new Set<Element>(wanted);
    for (const line of [...this.#body.children]) if (!isWanted.has(line)) line.remove();
    wanted.forEach((line, i) => {
      const there = this.#body.children[i];
      if (there !== line) this.#body.insertBefore(line, there ?? null);
    });
  }

  #lineAt(at: number): HTMLElement {
    const known = this.#lines.get(at);
    if (known) return known;
    const row = this.#rows[at]!;
    const isKnown = this.#isKnown(row);
    const cells = this.#shown.map((i) => cellOf(i, this.#columns[i]![row]!, isKnown));
    const line = el("tr", { "aria-rowindex": at + 2, class: at === this.#at ? "here" : null }, cells);
    line.addEventListener("click", () => this.#moveTo(at));
    this.#lines.set(at, line);
    return line;
  }

  /** Shows the connection, or says why it cannot be shown. */
  #open(row: number): void {
    const id = String(this.#columns[0]![row]);
    if (this.#isKnown(row)) location.hash = hashOf(id);
    else
      this.#reason.textContent = `The packets of connection ${id} are not in this file: it holds those of the worst.`;
  }

  /** Only moves the mark: what the reader selected in a row stays selected. */
  #moveTo(at: number): void {
    this.#reason.textContent = "";
    this.#lines.get(this.#at)?.classList.remove("here");
    this.#at = at;
    this.#lines.get(at)?.classList.add("here");
  }

  #key(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.#pane.clientHeight / ROW_HEIGHT) - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      j: 1,
      k: -1,
      PageDown: page,
      PageUp: -page,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    if (event.target !== this.#pane || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = steps[event.key];
    const row = this.#rows[this.#at];
    if (step !== undefined) {
      this.#moveTo(Math.max(0, Math.min(this.#rows.length - 1, this.#at + step)));
      this.#bringIntoSight();
    } else if (event.key === "Enter" && row !== undefined) this.#open(row);
    else return;
    event.preventDefault();
    this.#draw();
  }

  #bringIntoSight(): void {
    const top = this.#at * ROW_HEIGHT;
    // The heading stays above the rows.
    const room = this.#pane.clientHeight - 2 * ROW_HEIGHT;
    if (top < this.#pane.scrollTop) this.#pane.scrollTop = top;
    else if (top > this.#pane.scrollTop + room) this.#pane.scrollTop = top - room;
  }
}

function hashOf(id: string): string {
  return new URLSearchParams({ connection: id }).toString();
}

function roomOf(rows: number): HTMLElement {
  const room = el("tr", { class: "room", "aria-hidden": "true" });
  room.style.height = `${rows * ROW_HEIGHT}px`;
  return room;
}

function cellOf(column: number, cell: Cell, isKnown: boolean): HTMLElement {
  const { name, unit } = ROW_COLUMNS[column]!;
  if (name !== "id") return el("td", { class: unit === "text" ? null : "number" }, cellText(unit, cell));
  const id = String(cell);
  return el(
    "th",
    { scope: "row" },
    isKnown
      ? el("a", { href: `#${hashOf(id)}`, tabindex: -1 }, id)
      : el(
          "span",
          { title: "its packets are not in this file: tcpflow-analyze --connection shows them" },
          id,
        ),
  );
}

function cellText(unit: (typeof ROW_COLUMNS)[number]["unit"], cell: Cell): string {
  if (typeof cell === "string") return cell;
  if (unit === "ms" || unit === "time") return formatDuration(cell);
  return unit === "bytes" ? formatBytesShort(cell) : cell === 0 ? "" : formatCount(cell);
}
