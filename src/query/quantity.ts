/**
 * Numbers in a filter, in the unit of the field that they are compared with: `100ms`, `1.5 MiB` in one word, `2%`.
 */
import type { FieldUnit } from "../report/fields/field.js";
import { QueryError } from "./query-error.js";
import type { Name } from "./syntax.js";

interface Units {
  /** What a number with another unit is told to be. */
  readonly what: string;
  /** What each unit is in that of the field. Names in lower case; "" for a number alone. */
  readonly units: Readonly<Record<string, number>>;
}

const [K, M, G, T] = [1e3, 1e6, 1e9, 1e12];
const [KI, MI, GI, TI] = [2 ** 10, 2 ** 20, 2 ** 30, 2 ** 40];

const TIMES: Units = {
  what: "a time, such as 100ms, 1.5s or 2min; a number alone is in milliseconds",
  units: {
    "": 1,
    ns: 1e-6,
    us: 1e-3,
    µs: 1e-3,
    μs: 1e-3,
    ms: 1,
    s: K,
    min: 60e3,
    m: 60e3,
    h: 3600e3,
    d: 86_400e3,
  },
};
const BYTES: Units = {
  what: "a number of bytes, such as 1500, 64KiB or 2MB",
  units: {
    "": 1,
    b: 1,
    k: K,
    kb: K,
    kib: KI,
    m: M,
    mb: M,
    mib: MI,
    g: G,
    gb: G,
    gib: GI,
    t: T,
    tb: T,
    tib: TI,
  },
};
const RATES: Units = {
  what: "a number of bits per second, such as 800k or 10Mbit/s",
  units: {
    ...{ "": 1, "bit/s": 1, bps: 1, k: K, "kbit/s": K, kbps: K, m: M, "mbit/s": M, mbps: M },
    ...{ g: G, "gbit/s": G, gbps: G },
  },
};
const SHARES: Units = { what: "a share, such as 1% or 0.01", units: { "": 1, "%": 0.01 } };
const COUNTS: Units = { what: "a number, such as 3 or 10k", units: { "": 1, k: K, m: M } };

const UNITS: Readonly<Partial<Record<FieldUnit, Units>>> = {
  ms: TIMES,
  bytes: BYTES,
  "bits/s": RATES,
  share: SHARES,
  count: COUNTS,
};

/** Whether fields of the unit hold numbers. */
export function isNumeric(unit: FieldUnit): boolean {
  return unit in UNITS;
}

/** The number that was written, in the field's unit. Throws a `QueryError` where it is none. */
export function quantity({ text, at }: Name, unit: FieldUnit): number {
  const { what, units } = UNITS[unit]!;
  const [, digits = "", ending = ""] = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(.*)$/i.exec(text) ?? [];
  const factor = units[ending.toLowerCase()];
  if (digits === "" || factor === undefined) throw new QueryError(at, `"${text}" is not ${what}`);
  return Number(digits) * factor;
}

/** Both ends of `100ms..1s`, each counted in; one number is a range of itself. */
export function range(written: Name, unit: FieldUnit): readonly [from: number, to: number] {
  const { text, at } = written;
  const dots = text.indexOf("..");
  if (dots < 0) {
    const number = quantity(written, unit);
    return [number, number];
  }
  const from = quantity({ text: text.slice(0, dots), at }, unit);
  const to = quantity({ text: text.slice(dots + 2), at: at + dots + 2 }, unit);
  if (from > to) throw new QueryError(at, `the range "${text}" ends before it begins`);
  return [from, to];
}
