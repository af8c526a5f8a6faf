/** Times of a capture as text. */

/** A double holds nanoseconds exactly, and a second more, up to here. */
const EXACT_NS = 2 ** 52;

/** The origin of the last call, in seconds and nanoseconds, and the last second with its text: records come in order. */
let origin = -1n;
let [originSeconds, originNanoseconds] = [0, 0];
let [lastSecond, lastText] = [Number.NaN, ""];

/** ISO 8601 with nanoseconds, UTC. */
export function timeOfDay(originNs: bigint, sinceNs: number): string {
  if (originNs !== origin) {
    origin = originNs;
    originSeconds = Number(originNs / 1_000_000_000n);
    originNanoseconds = Number(originNs % 1_000_000_000n);
  }
  const ns = originNanoseconds + Math.round(sinceNs);
  const second = originSeconds + Math.floor(ns / 1e9);
  if (!(second >= 0 && second < 8.64e12 && Math.abs(ns) < EXACT_NS)) return atAnyTime(originNs, sinceNs);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(second * 1000).toISOString().slice(0, -5);
  }
  return `${lastText}.${String(ns - Math.floor(ns / 1e9) * 1e9).padStart(9, "0")}Z`;
}

function atAnyTime(originNs: bigint, sinceNs: number): string {
  const ns = originNs + BigInt(Math.round(sinceNs));
  const seconds = ns / 1_000_000_000n;
  const fraction = ns - seconds * 1_000_000_000n;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return `${seconds}.${fraction.toString().padStart(9, "0")}`;
  return `${date.toISOString().slice(0, -5)}.${fraction.toString().padStart(9, "0")}Z`;
}
