/**
 * The figures of a capture as Prometheus reads them (its text format, version 0.0.4): counters, gauges and histograms.
 *
 * Every label has a fixed set of values: outcomes, closes, causes, states, and the interfaces that were named. Nothing
 * that strangers send (addresses, names) becomes a label. Figures are taken when they are asked for.
 */
import { Counter, Gauge, Registry } from "prom-client";
import { type CaptureSummary, HANDSHAKE_TIMES, type Histogram } from "../report/summary.js";
import { WATCHED_STATES } from "../report/traffic.js";
import type { AnalysisView } from "../report/view.js";

const PREFIX = "tcpflow_";

/** What figures are made of. */
export type Measured = Pick<AnalysisView, "progress" | "summary" | "traffic">;

export class Metrics {
  readonly #registry = new Registry();
  readonly #measured: Measured;
  /** What all figures of one answer are taken from. */
  #summary: CaptureSummary;

  constructor(measured: Measured) {
    this.#measured = measured;
    this.#summary = measured.summary();
    this.#addCounters();
    this.#addGauges();
    for (const { name, sentence, histogram } of HANDSHAKE_TIMES)
      this.#registry.registerMetric(
        new LatencyHistogram(
          `${PREFIX}${inSnakeCase(name)}_seconds`,
          sentence,
          () => this.#summary[histogram],
        ) as never,
      );
  }

  readonly contentType = "text/plain; version=0.0.4; charset=utf-8";

  text(): Promise<string> {
    this.#summary = this.#measured.summary();
    return this.#registry.metrics();
  }

  #addCounters(): void {
    const { progress } = this.#measured;
    const now = () => progress.call(this.#measured);
    this.#count("packets_total", "Packets that were captured.", () => now().packets);
    this.#count("wire_bytes_total", "Bytes of those packets on the wire.", () => this.#summary.wireBytes);
    this.#count("connections_total", "Connections that began.", () => now().connections);
    this.#countEach(
      "dropped_packets_total",
      "Packets that the capturing system dropped.",
      "interface",
      () =>
        Object.fromEntries(
          this.#summary.interfaces.map(({ name, droppedPackets }) => [name, droppedPackets ?? 0]),
        ),
      false,
    );
    this.#countEach(
      "outcomes",
      "Connections so far, by how the attempt went.",
      "outcome",
      () => this.#summary.outcomes,
    );
    this.#countEach("closes", "Connections so far, by how they ended.", "close", () => this.#summary.closes);
    this.#countEach(
      "resets",
      "Connections so far that were reset, by kind.",
      "kind",
      () => this.#summary.resetKinds,
    );
    this.#countEach("retransmissions", "Segments so far that were sent again, by cause.", "cause", () =>
      causesOf(this.#summary),
    );
    this.#countEach("findings", "What is concluded so far, by severity.", "severity", () =>
      severitiesOf(this.#summary),
    );
  }

  #addGauges(): void {
    const registers = [this.#registry];
    const measured = this.#measured;
    new Gauge({
      name: `${PREFIX}connections`,
      help: "Open connections by the states of their ends; one may stand in two.",
      labelNames: ["state"],
      registers,
      collect() {
        const states = measured.traffic()?.states ?? {};
        for (const state of WATCHED_STATES) this.set({ state }, states[state]?.at(-1) ?? 0);
      },
    });
    new Gauge({
      name: `${PREFIX}open_connections`,
      help: "Open connections that are in memory.",
      registers,
      collect() {
        this.set(measured.traffic()?.open ?? 0);
      },
    });
  }

  #count(name: string, help: string, value: () => number): void {
    new Counter({
      name: `${PREFIX}${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  }

  #countEach(
    name: string,
    help: string,
    label: string,
    values: () => Readonly<Record<string, number>>,
    mayShrink = true,
  ): void {
    const set = (to: (value: string, count: number) => void): void => {
      for (const [value, count] of Object.entries(values())) to(value, count);
    };
    const options = { name: `${PREFIX}${name}`, help, labelNames: [label], registers: [this.#registry] };
    // What later packets may say otherwise is no counter, which only grows.
    if (mayShrink)
      new Gauge({
        ...options,
        collect() {
          set((value, count) => this.set({ [label]: value }, count));
        },
      });
    else
      new Counter({
        ...options,
        collect() {
          this.reset();
          set((value, count) => this.inc({ [label]: value }, count));
        },
      });
  }
}

/** A histogram that was counted elsewhere: classes of milliseconds, as seconds that are added up. */
class LatencyHistogram {
  readonly name: string;
  readonly help: string;
  readonly type = "histogram";
  readonly aggregator = "sum";
  readonly #histogram: () => Histogram;

  constructor(name: string, sentence: string, histogram: () => Histogram) {
    this.name = name;
    this.help = `${sentence}, of completed handshakes.`;
    this.#histogram = histogram;
  }

  async get() {
    const { edgesMs, counts } = this.#histogram();
    const { name, help, type, aggregator } = this;
    let below = 0;
    let seconds = 0;
    const values: { metricName: string; labels: Record<string, string | number>; value: number }[] = [];
    counts.forEach((count, index) => {
      below += count;
      // The middle of a class stands for its members: exact to the half of a class.
      seconds += (count * (edgesMs[index]! + edgesMs[index + 1]!)) / 2000;
      values.push({ metricName: `${name}_bucket`, labels: { le: edgesMs[index + 1]! / 1000 }, value: below });
    });
    values.push({ metricName: `${name}_bucket`, labels: { le: "+Inf" }, value: below });
    values.push({ metricName: `${name}_sum`, labels: {}, value: seconds });
    values.push({ metricName: `${name}_count`, labels: {}, value: below });
    return { name, help, type, aggregator, values };
  }

  reset(): void {
    // It is counted elsewhere.
  }
}

function causesOf(summary: CaptureSummary): Record<string, number> {
  const { retransmissions, fastRetransmissions, timeouts, timeoutRepeats, tailLossProbes } = summary;
  const { synRetransmissions, synAckRetransmissions } = summary;
  const handshake = synRetransmissions + synAckRetransmissions;
  const told = fastRetransmissions + timeouts + timeoutRepeats + tailLossProbes + handshake;
  return {
    handshake,
    fast: fastRetransmissions,
    timeout: timeouts,
    "timeout-repeat": timeoutRepeats,
    "tail-loss-probe": tailLossProbes,
    other: Math.max(0, retransmissions - told),
  };
}

function severitiesOf({ findings }: CaptureSummary): Record<string, number> {
  const counts = { problem: 0, warning: 0, note: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** "connect_time" for connectTime. */
function inSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
