/**
 * Numbers as people read them: durations, byte counts, counts with separators, shares, endpoints.
 *
 * About three significant digits, the unit always beside the number, one notation everywhere. The same text on every
 * machine: no locale, no time zone is asked. Nothing here is parsed again; machine formats write plain numbers.
 */

/** Stands where a quantity is unknown; never 0. */
export const UNKNOWN = "-";

/**
 * Writes a span of milliseconds: `250 ns`, `0.09 ms`, `1.40 ms`, `48.2 ms`, `312 ms`, `1.052 s`, `12.5 s`, `98 s`,
 * `2 min 14 s`, `1 h 02 min`, `3 d 4 h`; `-` for null.
 */
export function formatDuration(ms: number | null): string {
  if (ms === null || Number.isNaN(ms)) return UNKNOWN;
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms === 0) return "0";
  if (ms < 0.001) return `${Math.round(ms * 1e6)} ns`;
  if (ms < 0.01) return `${ms.toFixed(3)} ms`;
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  const seconds = ms / 1000;
  if (seconds < 9.9995) return `${seconds.toFixed(3)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 119.5) return `${seconds.toFixed(0)} s`;
  return formatLongSpan(seconds);
}

function formatLongSpan(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad2(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${pad2(minutes % 60)} min`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function pad2(value: number): string {
  return String(value).padStart(2, "0");
}

const BYTE_UNITS = ["k", "M", "G", "T", "P"] as const;

/** Writes a count of bytes with decimal prefixes: `416 B`, `18.0 kB`, `184 MB`; `-` for null. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null || Number.isNaN(bytes)) return UNKNOWN;
  const short = formatBytesShort(bytes);
  return short.includes(" ") ? `${short}B` : `${short} B`;
}

/** Writes a count of bytes for a column whose heading says bytes: `416`, `18.0 k`, `184 M`; `-` for null. */
export function formatBytesShort(bytes: number | null): string {
  if (bytes === null || Number.isNaN(bytes)) return UNKNOWN;
  if (bytes < 1000) return String(Math.round(bytes));
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(value < 99.95 ? 1 : 0)} ${BYTE_UNITS[unit]}`;
}

/** Writes bits a second with decimal prefixes: `416 bit/s`, `18.0 kbit/s`, `1.2 Gbit/s`; `-` for null. */
export function formatRate(bitsPerSecond: number | null): string {
  if (bitsPerSecond === null || Number.isNaN(bitsPerSecond)) return UNKNOWN;
  const short = formatBytesShort(bitsPerSecond);
  return short.includes(" ") ? `${short}bit/s` : `${short} bit/s`;
}

/** Writes an integer with a comma between thousands: `1,204,118`; `-` for null. */
export function formatCount(count: number | null): string {
  if (count === null || Number.isNaN(count)) return UNKNOWN;
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/**
 * Writes a share between 0 and 1 in percent with one decimal: `97.1 %`, `0 %`, `100 %`. What is not quite nothing or
 * not quite all never reads as such: `<0.1 %`, `>99.9 %`; `-` for null.
 */
export function formatPercent(share: number | null): string {
  if (share === null || Number.isNaN(share)) return UNKNOWN;
  if (share === 0) return "0 %";
  if (share === 1) return "100 %";
  if (share > 0 && share < 0.0005) return "<0.1 %";
  if (share < 1 && share >= 0.9995) return ">99.9 %";
  return `${(share * 100).toFixed(1)} %`;
}

/** Writes a count with its noun: `1 SYN`, `3 SYNs`; the plural adds an s unless it is given. */
export function formatNumberOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** Writes an address with its port, IPv6 in brackets (RFC 5952 §6): `10.0.0.8:443`, `[2001:db8::1]:443`. */
export function formatEndpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The time of day of an ISO 8601 instant, to the millisecond: `14:02:11.031`; the text itself where it is none. */
export function formatTimeOfDay(instant: string): string {
  const match = /T(\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)/.exec(instant);
  return match?.[1] ?? instant;
}
