/** From names of files to a capture. */
import { CaptureError } from "./capture/capture-error.js";
import { openCapture } from "./capture/open-capture.js";
import type { Capture } from "./capture/packet.js";
import { type Span, SpanCapture } from "./capture/span.js";
import type { CaptureOrder } from "./source/live-order.js";
import { LiveSource } from "./source/live-source.js";
import { openFollowed, openSource } from "./source/open-source.js";
import { SourceError } from "./source/source.js";

/** How captures are read, and what of them. Plain values but for `follow`: they cross to threads. */
export interface InputOptions {
  /** Reads files as they grow, until this is aborted. */
  readonly follow?: AbortSignal;
  /** Packets of this time alone. */
  readonly span?: Span;
}

/**
 * Opens capture files ("-" is standard input) as one capture in the order of time.
 * Throws `SourceError` or `CaptureError`, whose message is one plain sentence.
 */
export async function openCaptures(
  paths: readonly string[],
  { follow, span }: InputOptions = {},
): Promise<Capture> {
  const opened = await Promise.allSettled(
    paths.map((path) => (follow ? openFollowed(path, follow) : openSource(path))),
  );
  const failed = opened.find((result) => result.status === "rejected");
  const sources = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (failed) {
    await Promise.allSettled(sources.map((source) => source.close()));
    throw failed.reason;
  }
  const capture = await openCapture(sources);
  return span ? new SpanCapture(capture, span) : capture;
}

/**
 * Begins to capture from interfaces, in a thread of its own; done when they are open. `stop` ends the capture
 * in good order: what came until then can still be read. Throws `SourceError` or `CaptureError`, whose message is one plain sentence.
 */
export async function openInterfaces(
  order: CaptureOrder,
): Promise<{ readonly capture: Capture; stop(): void }> {
  const source = new LiveSource(order);
  try {
    return { capture: await openCapture([source]), stop: () => source.stop() };
  } catch (error) {
    // Of several interfaces it names the one that is not there.
    throw error instanceof CaptureError && error.cause instanceof SourceError ? error.cause : error;
  }
}
