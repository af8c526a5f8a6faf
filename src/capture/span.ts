/**
 * A part of a capture by time: packets before its beginning and behind its end are passed over, as if the file had been
 * cut there; numbers of packets stay those of the file.
 */
import type { Capture } from "./packet.js";
import { PassedCapture } from "./passed-capture.js";

/** A moment: nanoseconds since 1970, since the first packet, or since the midnight (UTC) in front of the first packet. */
export interface Moment {
  readonly since: "epoch" | "first-packet" | "midnight";
  readonly ns: bigint;
}

/** Both ends belong to it; null where it has none. */
export interface Span {
  readonly from: Moment | null;
  readonly to: Moment | null;
}

const DAY_NS = 86_400_000_000_000n;
/** A packet so much later than the end says that nothing more comes: interfaces and files are not in step to the second. */
const DISORDER_NS = 60e9;

export class SpanCapture extends PassedCapture {
  readonly #span: Span;
  /** In the inner capture's time; NaN until its first packet is known. */
  #fromNs = Number.NaN;
  #toNs = Number.NaN;
  /** Time of the first packet that was handed on, from which times count then. */
  #firstNs = Number.NaN;
  #isOver = false;

  constructor(inner: Capture, span: Span) {
    super(inner);
    this.#span = span;
  }

  override get originNs(): bigint | null {
    const { originNs } = this.inner;
    return originNs === null || Number.isNaN(this.#firstNs)
      ? originNs
      : originNs + BigInt(Math.round(this.#firstNs));
  }

  override async fill(): Promise<boolean> {
    return !this.#isOver && (await this.inner.fill());
  }

  protected override passes(): boolean {
    if (Number.isNaN(this.#fromNs)) this.#begin(this.inner.originNs ?? 0n);
    const { timeNs } = this.inner;
    if (timeNs > this.#toNs + DISORDER_NS) this.#isOver = true;
    return timeNs >= this.#fromNs && timeNs <= this.#toNs;
  }

  protected override change(): void {
    if (Number.isNaN(this.#firstNs)) this.#firstNs = this.timeNs;
    this.timeNs -= this.#firstNs;
  }

  #begin(originNs: bigint): void {
    const { from, to } = this.#span;
    this.#fromNs = from === null ? Number.NEGATIVE_INFINITY : sinceOrigin(from, originNs);
    this.#toNs = to === null ? Number.POSITIVE_INFINITY : sinceOrigin(to, originNs);
  }
}

function sinceOrigin({ since, ns }: Moment, originNs: bigint): number {
  if (since === "first-packet") return Number(ns);
  const midnightNs = originNs - (originNs % DAY_NS);
  return Number(since === "epoch" ? ns - originNs : midnightNs + ns - originNs);
}

const UNITS_NS: Readonly<Record<string, number>> = {
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
};

/**
 * The moment that was written: `+30s` behind the first packet; `2026-11-21T07:53:41.5Z`, UTC where it names no zone; a time
 * of day `07:53:41` of the first packet's day, UTC; seconds since 1970. Null where it is none of these.
 */
export function momentOf(text: string): Moment | null {
  const [, amount, unit] = /^\+(\d+(?:\.\d+)?)(ms|s|min|m|h|d)?$/.exec(text) ?? [];
  if (amount !== undefined)
    return { since: "first-packet", ns: BigInt(Math.round(Number(amount) * UNITS_NS[unit ?? "s"]!)) };
  const seconds = /^(\d{1,11})(?:\.(\d{1,9}))?$/.exec(text);
  if (seconds) return { since: "epoch", ns: nanoseconds(Number(seconds[1]), seconds[2]) };
  const day = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?Z?$/.exec(text);
  if (day) {
    const [hours, minutes, rest] = [Number(day[1]), Number(day[2]), Number(day[3] ?? 0)];
    if (hours > 23 || minutes > 59 || rest > 59) return null;
    return { since: "midnight", ns: nanoseconds(hours * 3600 + minutes * 60 + rest, day[4]) };
  }
  const date = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?)?$/i.exec(
    text,
  );
  if (!date) return null;
  const [, daysPart, time = "00:00", secondsPart = ":00", fraction, zone = "Z"] = date;
  const milliseconds = Date.parse(`${daysPart}T${time}${secondsPart}${zone.toUpperCase()}`);
  return Number.isNaN(milliseconds)
    ? null
    : { since: "epoch", ns: nanoseconds(milliseconds / 1000, fraction) };
}

function nanoseconds(seconds: number, fraction = ""): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}
