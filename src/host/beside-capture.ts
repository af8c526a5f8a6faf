/** What goes on beside a capture in the thread that analyses it: this host's sockets are looked at, figures are served. */
import type { Measured } from "../metrics/metrics.js";
import type { MetricsAddress } from "../metrics/serve.js";
import type { AddressWriter } from "./proc-sockets.js";
import { type WatchedAnalysis, watchSockets } from "./watch-sockets.js";

export interface BesideOrder {
  /** Where figures are served for Prometheus; null: nowhere. */
  readonly metrics: MetricsAddress | null;
  readonly writeAddress: AddressWriter;
}

/** Begins, while the rights of root are still there; what it answers with ends it. Throws `CannotServe`. */
export async function goBesideCapture(
  analysis: Measured & { readonly live: WatchedAnalysis | null },
  { metrics, writeAddress }: BesideOrder,
): Promise<() => void> {
  let stopServing = (): void => undefined;
  if (metrics !== null) {
    // Loaded only where it is asked for.
    const { serveMetrics } = await import("../metrics/serve.js");
    stopServing = await serveMetrics(analysis, metrics);
  }
  const stopWatching = watchSockets(analysis.live!, writeAddress);
  return () => {
    stopServing();
    stopWatching();
  };
}
