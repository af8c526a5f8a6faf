/** The servers, or the clients: a table that sorts by any of its columns. */
import { formatBytes, formatCount, formatDuration, formatNumberOf, formatPercent } from "../output/format.js";
import type { PageData } from "../output/html/page-data.js";
import type { CountedState, HostSummary } from "../report/summary.js";
import { el, section, show } from "./dom.js";
import { compare } from "./sorting.js";
import type { View } from "./view.js";

interface HostColumn {
  readonly title: string;
  readonly read: (host: HostSummary) => string | number | null;
  readonly write: (value: number | null) => string;
}

function column(
  title: string,
  read: HostColumn["read"],
  write: HostColumn["write"] = formatCount,
): HostColumn {
  return { title, read, write };
}

/** Most that stood in the state at once, and how many do at the end. */
function standing(state: CountedState, which: "peak" | "atEnd"): HostColumn["read"] {
  return ({ states }) => states?.[state]?.[which] ?? null;
}

const COLUMNS: readonly HostColumn[] = [
  column("name", ({ name }) => name),
  column("connections", ({ connections }) => connections),
  column("completed", ({ completed }) => completed),
  column("refused", ({ refused }) => refused),
  column("no reply", ({ unanswered }) => unanswered),
  column("resets", ({ resets }) => resets),
  column("sent again", ({ retransmissions }) => retransmissions),
  column(
    "lost, client side",
    ({ lostClientSide }) => lostClientSide.clientSegments + lostClientSide.serverSegments,
  ),
  column(
    "lost, server side",
    ({ lostServerSide }) => lostServerSide.clientSegments + lostServerSide.serverSegments,
  ),
  column("bytes", ({ bytes }) => bytes, formatBytes),
  column("connect p50", ({ connectTime }) => connectTime.p50Ms, formatDuration),
  column("connect p99", ({ connectTime }) => connectTime.p99Ms, formatDuration),
  column("connect max", ({ connectTime }) => connectTime.maxMs, formatDuration),
  column(
    "closed first",
    ({ closedFirst, closedByPeers }) =>
      closedFirst + closedByPeers === 0 ? null : closedFirst / (closedFirst + closedByPeers),
    formatPercent,
  ),
  column("SYN_RECEIVED, most", standing("SYN_RECEIVED", "peak")),
  column("CLOSE_WAIT, most", standing("CLOSE_WAIT", "peak")),
  column("CLOSE_WAIT, at the end", standing("CLOSE_WAIT", "atEnd")),
  column("FIN_WAIT_2, most", standing("FIN_WAIT_2", "peak")),
  column("TIME_WAIT, most", standing("TIME_WAIT", "peak")),
];

export function hostsView({ summary }: PageData, which: "servers" | "clients"): View {
  const hosts = summary[which];
  const omitted = which === "servers" ? summary.serversOmitted : summary.clientsOmitted;
  const columns = COLUMNS.filter(({ read }, i) => i < 2 || hosts.some((host) => (read(host) ?? 0) !== 0));
  const body = el("tbody", {});
  const headings = columns.map(({ title }, i) =>
    el("th", { scope: "col" }, el("button", { type: "button", click: () => sortBy(i) }, title)),
  );
  let [by, isDescending] = [1, true];
  const draw = () => {
    const { read } = columns[by]!;
    const sorted = [...hosts].sort((a, b) => compare(read(a), read(b), isDescending ? -1 : 1));
    show(body, ...sorted.map((host) => rowOf(host, columns)));
    headings.forEach((heading, i) => {
      if (i === by) heading.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    });
  };
  const sortBy = (i: number) => {
    isDescending = i === by ? !isDescending : i > 0;
    by = i;
    draw();
  };
  draw();
  const noun = which.slice(0, -1);
  return {
    element: section(
      which === "servers" ? "Servers" : "Clients",
      el(
        "div",
        { class: "wide" },
        el("table", { class: "sorted" }, el("thead", {}, el("tr", {}, headings)), body),
      ),
      omitted > 0 ? el("p", { class: "quiet" }, `and ${formatNumberOf(omitted, `more ${noun}`)}`) : null,
    ),
  };
}

function rowOf(host: HostSummary, columns: readonly HostColumn[]): HTMLElement {
  return el(
    "tr",
    {},
    columns.map(({ read, write }) => {
      const value = read(host);
      if (typeof value === "string") return el("th", { scope: "row" }, value);
      return el("td", {}, value === 0 ? "0" : write(value));
    }),
  );
}
