/**
 * Which packets belong to some connections: by four-tuple and time, with ICMP errors that quote them and the later
 * fragments of their datagrams.
 *
 * For a second reading, when the connections are known. Copies and segments that count nowhere belong as well.
 */
import type { ConnectionRecord } from "../report/record.js";
import type { Segment } from "../wire/segment.js";
import { tupleOf } from "./record-tuple.js";

/** How far a time in milliseconds may be from its nanoseconds: one, and more after years. */
function roundingNs(ns: number): number {
  return 1 + Math.abs(ns) * 1e-15;
}
/** First fragments whose others are awaited. */
const MOST_FRAGMENTED = 4096;

interface Span {
  readonly fromNs: number;
  readonly toNs: number;
  /** Frames of a single file: a clock that is set back takes packets out of the times. */
  readonly fromFrame: number;
  readonly toFrame: number;
}

export class PacketSelection {
  /** By tuple. */
  readonly #spans = new Map<string, Span[]>();
  readonly #fragmented = new Set<string>();
  /** The last packet that any of them can have, by time and, where it is known, by its number. */
  #untilNs = Number.NEGATIVE_INFINITY;
  #untilFrame = 0;

  add(record: ConnectionRecord): void {
    const { client, server, startMs, durationMs } = record;
    const key = keyOf(tupleOf(record));
    const [fromNs, toNs] = [startMs * 1e6, (startMs + durationMs) * 1e6];
    const frames = [record.frame, client.lastFrame, server.lastFrame].filter(
      (frame) => typeof frame === "number",
    );
    const span = {
      fromNs: fromNs - roundingNs(fromNs),
      toNs: toNs + roundingNs(toNs),
      fromFrame: record.file === 0 ? record.frame : Number.POSITIVE_INFINITY,
      toFrame: Math.max(...frames),
    };
    const spans = this.#spans.get(key);
    if (spans) spans.push(span);
    else this.#spans.set(key, [span]);
    this.#untilNs = Math.max(this.#untilNs, span.toNs);
    this.#untilFrame = Math.max(this.#untilFrame, span.toFrame);
  }

  /** Whether all that belongs has come by this packet, with a second for packets that are out of order. */
  isOver({ timeNs, number }: Pick<Segment, "timeNs" | "number">): boolean {
    return timeNs > this.#untilNs + 1e9 && number > this.#untilFrame;
  }

  /** Whether a packet with this segment, sent or quoted in it, belongs. */
  wants(segment: Segment): boolean {
    const spans = this.#spans.get(keyOf(segment));
    if (!spans?.some((span) => isWithin(span, segment))) return false;
    if (segment.isFragment) this.#await(segment);
    return true;
  }

  /** Whether a later fragment, of whose segment only the IP header is known, belongs to a packet that did. */
  wantsFragment(segment: Segment): boolean {
    return this.#fragmented.has(datagramOf(segment));
  }

  #await(segment: Segment): void {
    if (this.#fragmented.size === MOST_FRAGMENTED)
      this.#fragmented.delete(this.#fragmented.values().next().value!);
    this.#fragmented.add(datagramOf(segment));
  }
}

function isWithin({ fromNs, toNs, fromFrame, toFrame }: Span, { timeNs, number, file }: Segment): boolean {
  return (timeNs >= fromNs && timeNs <= toNs) || (file === 0 && number >= fromFrame && number <= toFrame);
}

/** IPv6 has its identification in the fragment header, which decoding does not keep: there the addresses decide. */
function datagramOf(segment: Segment): string {
  return `${sourceOf(segment).join()} ${destinationOf(segment).join()} ${segment.ipId}`;
}

function sourceOf({ source0, source1, source2, source3 }: Segment): readonly number[] {
  return [source0, source1, source2, source3];
}

function destinationOf({
  destination0,
  destination1,
  destination2,
  destination3,
}: Segment): readonly number[] {
  return [destination0, destination1, destination2, destination3];
}

/** The same for both directions. */
function keyOf(segment: Segment): string {
  const source = `${sourceOf(segment).join()} ${segment.sourcePort}`;
  const destination = `${destinationOf(segment).join()} ${segment.destinationPort}`;
  const ends = source < destination ? `${source} ${destination}` : `${destination} ${source}`;
  return `${ends} ${segment.overlayId}`;
}
