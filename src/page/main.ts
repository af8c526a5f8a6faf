/**
 * The page of an HTML report: reads what the report holds of the capture, and shows the screen that the address names behind
 * its `#`, so that the browser's own back key and bookmarks work.
 */
import { printable } from "../output/format.js";
import type { PageData } from "../output/html/page-data.js";
import { ConnectionTable } from "./connection-table.js";
import { connectionView } from "./connection-view.js";
import { el, show } from "./dom.js";
import { findingsView } from "./findings-view.js";
import { headOf } from "./head.js";
import { hostsView } from "./hosts-view.js";
import { overview } from "./overview.js";
import type { View } from "./view.js";

const SCREENS = ["overview", "findings", "connections", "servers", "clients"] as const;
type Screen = (typeof SCREENS)[number];

const data = dataOf(document.getElementById("data")!);
const main = document.getElementById("main")!;
let table: ConnectionTable | null = null;
let shown: View | null = null;

/** Where it cannot be read, the page keeps the sentence that says so. */
function dataOf(element: HTMLElement): PageData {
  try {
    return JSON.parse(element.textContent!) as PageData;
  } catch (error) {
    document
      .getElementById("head")!
      .append(el("p", { class: "problem" }, "The data of this report is damaged."));
    throw error;
  }
}

function screen(name: Screen): View {
  if (name === "overview") return overview(data);
  if (name === "findings") return findingsView(data);
  if (name === "servers" || name === "clients") return hostsView(data, name);
  table ??= new ConnectionTable(data);
  return table;
}

/** How far each entry of the browser's history was scrolled when it was left; entries know their place in it. */
const heights: number[] = [];
let entry = 0;
let scrolled = 0;
history.scrollRestoration = "manual";
window.addEventListener("scroll", () => {
  scrolled = window.scrollY;
});

/** Keeps how far the entry before was scrolled; of one that was there before, how far it was, or null. */
function heightOfEntry(): number | null {
  heights[entry] = scrolled;
  const known: unknown = history.state;
  if (typeof known === "number" && known in heights) {
    entry = known;
    return heights[known]!;
  }
  entry = heights.length;
  history.replaceState(entry, "");
  return null;
}

/**
 * Of what stands behind `#`: the name of a screen, or "connection=ID", where a frame to go to may follow. `isFollowed`: by a
 * link or the back key, so that focus and place begin anew.
 */
function route(isFollowed: boolean): void {
  const words = new URLSearchParams(location.hash.slice(1));
  const id = words.get("connection");
  const height = heightOfEntry();
  const name = SCREENS.find((one) => words.has(one)) ?? "overview";
  const next = id === null ? screen(name) : connectionView(data, id, words.get("frame"));
  shown?.leave?.();
  shown = next;
  show(main, next.element);
  if (isFollowed) {
    // Before it draws: a screen may then scroll to what the address names.
    main.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
  next.enter?.();
  if (height !== null) window.scrollTo(0, height);
  for (const link of document.querySelectorAll("nav a")) {
    const isHere = link.getAttribute("href") === `#${id === null ? name : "connections"}`;
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

document.getElementById("head")!.append(
  ...headOf(data),
  el(
    "nav",
    { "aria-label": "Screens" },
    SCREENS.map((name) => el("a", { href: `#${name}` }, `${name[0]!.toUpperCase()}${name.slice(1)}`)),
  ),
);
document.title = printable(`${data.summary.files.join(", ")} – tcpflow-analyze`);
window.addEventListener("hashchange", () => route(true));
route(false);
