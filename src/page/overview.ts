/** The overview: handshake times and how they are spread, how connections opened and ended, what was sent again and when. */
import { formatCount, formatDuration, formatNumberOf, formatPercent } from "../output/format.js";
import type { PageData } from "../output/html/page-data.js";
import { whereTimed } from "../report/capture-point-words.js";
import {
  type CaptureSummary,
  COUNTED_STATES,
  type Distribution,
  HANDSHAKE_TIMES,
  type HandshakeTime,
  type StandingByState,
} from "../report/summary.js";
import { REPEAT_REASONS, type RepeatReason } from "../report/timeline.js";
import { RESET_KINDS } from "../report/verdicts.js";
import { Chart, type Tint } from "./chart.js";
import { el, section, show, tableOf } from "./dom.js";
import { findingCard } from "./findings-view.js";
import type { View } from "./view.js";

/** Findings that stand on the overview. */
const MOST_FINDINGS = 5;
const TINTS: readonly Tint[] = ["first", "second", "third", "fourth", "fifth"];

export function overview(data: PageData): View {
  const { summary } = data;
  const charts: Chart[] = [];
  const chart = (made: Chart | null): HTMLElement | null => {
    if (made) charts.push(made);
    return made?.element ?? null;
  };
  const timed = new TimedCharts(summary);
  const element = el(
    "div",
    {},
    findings(data),
    summary.handshake.connectTime.count === 0 ? null : handshakes(summary, timed),
    el(
      "div",
      { class: "columns" },
      bars("How connections opened", named(summary.outcomes, summary.outcomesUnknown)),
      bars("How they ended", named(summary.closes)),
      bars("What was sent again, and why", repeatCounts(summary), needlessWords(summary)),
      bars("Resets", resetCounts(summary)),
    ),
    section(
      "Over time",
      chart(eventsOverTime(summary)),
      chart(repeatsOverTime(summary)),
      chart(standingOverTime(summary, "client")),
      chart(standingOverTime(summary, "server")),
    ),
  );
  return {
    element,
    enter() {
      for (const one of charts) one.draw();
      timed.draw();
    },
    leave() {
      for (const one of charts) one.remove();
      timed.remove();
    },
  };
}

function findings(data: PageData): HTMLElement {
  const { findings: all } = data.summary;
  if (all.length === 0)
    return section("Findings", el("p", {}, "No rule has anything to tell of this capture."));
  const left = all.length - MOST_FINDINGS;
  return section(
    "Findings",
    all.slice(0, MOST_FINDINGS).map((finding) => findingCard(data, finding, true)),
    left > 0 ? el("p", {}, el("a", { href: "#findings" }, formatNumberOf(left, "more finding"))) : null,
  );
}

function handshakes(summary: CaptureSummary, timed: TimedCharts): HTMLElement {
  const percentiles = [
    "minMs",
    "p50Ms",
    "p90Ms",
    "p95Ms",
    "p99Ms",
    "maxMs",
  ] as const satisfies (keyof Distribution)[];
  const { handshake } = summary;
  const rows = HANDSHAKE_TIMES.filter(({ name }) => handshake[name].count > 0).map(({ name, sentence }) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, sentence),
      percentiles.map((one) => el("td", {}, formatDuration(handshake[name][one]))),
      el("td", {}, formatCount(handshake[name].count)),
    ),
  );
  const headings = ["", "min", "p50", "p90", "p95", "p99", "max", "handshakes"];
  return section(
    "Handshakes",
    el("div", { class: "wide" }, tableOf("", headings, el("tbody", {}, rows))),
    el("p", { class: "quiet" }, whereTimed(summary.capturePoint)),
    timed.element,
  );
}

/** How one time of the handshakes is spread, and how it went over the capture; which one is chosen above. */
class TimedCharts {
  readonly element: HTMLElement;
  readonly #summary: CaptureSummary;
  readonly #place = el("div", { class: "columns" });
  #charts: Chart[] = [];
  #time: HandshakeTime = "connectTime";

  constructor(summary: CaptureSummary) {
    this.#summary = summary;
    const known = HANDSHAKE_TIMES.filter(({ name }) => summary.handshake[name].count > 0);
    const choice = el(
      "select",
      { id: "time" },
      known.map(({ name, sentence }) => el("option", { value: name }, sentence)),
    );
    choice.addEventListener("change", () => {
      this.#time = choice.value as HandshakeTime;
      this.draw();
    });
    this.element = el("div", {}, el("label", { for: "time" }, "Time shown "), choice, this.#place);
  }

  draw(): void {
    this.remove();
    const { name, histogram, sentence } = HANDSHAKE_TIMES.find((one) => one.name === this.#time)!;
    const { edgesMs, counts } = this.#summary[histogram];
    const { stepMs, handshake } = this.#summary.timeline;
    const edge = (at: number) => (at in edgesMs ? formatDuration(edgesMs[at]!) : "");
    const spread = new Chart([{ title: "handshakes", tint: "first", values: counts, isBars: true }], {
      title: `${sentence}: how often it took how long`,
      x: counts.map((_, i) => i),
      xTitle: "from",
      formatX: edge,
      rangeX: [-0.5, counts.length - 0.5],
      format: formatCount,
      isCount: true,
    });
    const steps = handshake[name];
    const course = new Chart(
      (["p50Ms", "p90Ms", "p99Ms"] as const).map((one, i) => ({
        title: one.replace("Ms", ""),
        tint: TINTS[i]!,
        values: steps[one],
      })),
      {
        title: `${sentence} over the capture, by steps of ${formatDuration(stepMs)}`,
        x: steps.counts.map((_, i) => (i * stepMs) / 1000),
        xTitle: "after",
        formatX: secondsText,
        format: formatDuration,
        isLogarithmic: true,
      },
    );
    this.#charts = [spread, course];
    show(this.#place, ...this.#charts.map(({ element }) => element));
    for (const chart of this.#charts) chart.draw();
  }

  remove(): void {
    for (const chart of this.#charts) chart.remove();
    this.#charts = [];
  }
}

function secondsText(seconds: number): string {
  return formatDuration(seconds * 1000);
}

function eventsOverTime({ timeline }: CaptureSummary): Chart | null {
  const { stepMs, connections, retransmissions, resets, slowHandshakes } = timeline;
  const curves = [
    { title: "connections begun", tint: "first" as const, values: connections },
    { title: "sent again", tint: "warning" as const, values: retransmissions },
    { title: "resets", tint: "problem" as const, values: resets },
    { title: "handshakes with a repeat", tint: "third" as const, values: slowHandshakes },
  ].filter(({ values }) => values.some((n) => n > 0));
  if (curves.length === 0) return null;
  return new Chart(
    curves.map((curve) => ({ ...curve, isStepped: true })),
    {
      title: `What happened when, by steps of ${formatDuration(stepMs)}`,
      x: connections.map((_, i) => (i * stepMs) / 1000),
      xTitle: "after",
      formatX: secondsText,
      format: formatCount,
      isCount: true,
      shared: "time",
    },
  );
}

/** What was sent again, by why. */
function repeatsOverTime({ timeline }: CaptureSummary): Chart | null {
  const { stepMs, retransmissionsByReason } = timeline;
  const words: Readonly<Record<RepeatReason, string>> = {
    handshake: "of handshakes",
    fast: "fast",
    timeout: "after a timeout",
    tailLossProbe: "tail-loss probes",
    other: "others",
  };
  const curves = REPEAT_REASONS.map((reason, i) => ({
    title: words[reason],
    tint: TINTS[i]!,
    values: retransmissionsByReason[reason],
    isStepped: true,
  })).filter(({ values }) => values.some((n) => n > 0));
  if (curves.length === 0) return null;
  return new Chart(curves, {
    title: "What was sent again when, and why",
    x: timeline.connections.map((_, i) => (i * stepMs) / 1000),
    xTitle: "after",
    formatX: secondsText,
    format: formatCount,
    isCount: true,
    shared: "time",
  });
}

/** Ends of connections by state. */
function standingOverTime({ states }: CaptureSummary, side: "client" | "server"): Chart | null {
  const byState: StandingByState = states[side];
  const shown = COUNTED_STATES.filter((state) => byState[state] !== undefined);
  if (shown.length === 0) return null;
  return new Chart(
    shown.map((state, i) => ({
      title: state,
      tint: TINTS[i % TINTS.length]!,
      values: byState[state]!.counts,
      isStepped: true,
    })),
    {
      title: `The ${side}s' ends by state`,
      x: byState[shown[0]!]!.counts.map((_, i) => ((i + 1) * states.stepMs) / 1000),
      xTitle: "after",
      formatX: secondsText,
      format: formatCount,
      isCount: true,
      shared: "time",
    },
  );
}

type Counted = readonly (readonly [name: string, count: number, meaning?: string])[];

function named(counts: Readonly<Record<string, number>>, unknown = 0): Counted {
  return [...Object.entries(counts), ["cannot be told", unknown] as const];
}

function repeatCounts(summary: CaptureSummary): Counted {
  const known = [
    ["SYN", summary.synRetransmissions],
    ["SYN-ACK", summary.synAckRetransmissions],
    ["FIN", summary.finRetransmissions],
    ["fast retransmission", summary.fastRetransmissions],
    ["timeout", summary.timeouts + summary.timeoutRepeats],
    ["tail-loss probe", summary.tailLossProbes],
  ] as const;
  const others = summary.retransmissions - known.reduce((sum, [, n]) => sum + n, 0);
  return [...known, ["other", Math.max(0, others)]];
}

/** Needless repeats have one of the reasons too: they are told beside the counts, not among them. */
function needlessWords({ retransmissions, spuriousRetransmissions }: CaptureSummary): string | null {
  if (spuriousRetransmissions === 0) return null;
  const share = formatPercent(spuriousRetransmissions / retransmissions);
  return `Needless were ${formatCount(spuriousRetransmissions)} of ${formatCount(retransmissions)} (${share}): their bytes had arrived, or were about to.`;
}

function resetCounts({ resetKinds }: CaptureSummary): Counted {
  return RESET_KINDS.map(({ name, meaning }) => [name, resetKinds[name], meaning] as const);
}

/** Counts as bars, with their numbers; null where there is none. */
function bars(title: string, counts: Counted, note: string | null = null): HTMLElement | null {
  const known = counts.filter(([, n]) => n > 0);
  if (known.length === 0) return null;
  const most = Math.max(...known.map(([, n]) => n));
  const sum = known.reduce((all, [, n]) => all + n, 0);
  return section(
    title,
    el(
      "table",
      { class: "bars" },
      el(
        "tbody",
        {},
        known.map(([name, n, meaning]) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, name, meaning === undefined ? null : el("small", {}, ` ${meaning}`)),
            el("td", {}, formatCount(n)),
            el("td", { class: "quiet" }, formatPercent(n / sum)),
            el("td", { class: "bar", "aria-hidden": "true" }, el("meter", { max: most, value: n })),
          ),
        ),
      ),
    ),
    note === null ? null : el("p", { class: "quiet" }, note),
  );
}
