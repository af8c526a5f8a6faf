/**
 * Conditions on a capture as a whole, for --check and for alerts of a live capture: the grammar of filters, with figures of
 * the summary in the place of a connection's fields.
 *
 * What is unknown is neither equal to anything, nor smaller, nor larger: a percentile of no handshake breaks no bound.
 */
import type { FieldUnit } from "../report/fields/field.js";
import { formatBytes, formatCount, formatDuration, formatPercent } from "../report/quantities.js";
import type { CaptureSummary } from "../report/summary.js";
import { type Aggregate, aggregateNamed } from "./aggregates.js";
import { quantity, range } from "./quantity.js";
import { QueryError } from "./query-error.js";
import { type Condition, type Name, parseFilter } from "./syntax.js";
import { ORDERS } from "./value-tests.js";

/** A condition on a capture, as it was written. */
export interface CaptureCheck {
  readonly text: string;
  holds(summary: CaptureSummary): boolean;
  /** The figures that it asks for, as they stand: "connectTime.p99 = 312 ms". */
  figures(summary: CaptureSummary): string;
}

type Test = (summary: CaptureSummary) => boolean;
type Figures = Map<string, Aggregate>;

/** The check that a text is. `rules` are the names of findings. Throws a `QueryError` that says what is wrong, and where. */
export function compileCheck(text: string, rules: readonly string[]): CaptureCheck {
  const used: Figures = new Map();
  const named = (name: Name): Aggregate => {
    const aggregate = aggregateNamed(name, rules);
    used.set(aggregate.name, aggregate);
    return aggregate;
  };
  const holds = compiled(parseFilter(text), named);
  return {
    text,
    holds,
    figures: (summary) =>
      [...used.values()].map(({ name, unit, read }) => `${name} = ${figure(read(summary), unit)}`).join(", "),
  };
}

function compiled(condition: Condition, named: (name: Name) => Aggregate): Test {
  switch (condition.kind) {
    case "or": {
      const tests = condition.of.map((each) => compiled(each, named));
      return (summary) => tests.some((test) => test(summary));
    }
    case "and": {
      const tests = condition.of.map((each) => compiled(each, named));
      return (summary) => tests.every((test) => test(summary));
    }
    case "not": {
      const test = compiled(condition.of, named);
      return (summary) => !test(summary);
    }
    case "text":
      throw new QueryError(condition.value.at, "a check compares figures of the capture, and text is none");
    case "known": {
      const { read } = named(condition.name);
      return (summary) => (read(summary) ?? 0) > 0;
    }
    case "in": {
      const { unit, read } = named(condition.name);
      const ranges = condition.values.map((value) => range(value, unit));
      return (summary) => {
        const value = read(summary);
        return value !== null && ranges.some(([from, to]) => value >= from && value <= to);
      };
    }
    case "compare": {
      const { unit, read } = named(condition.name);
      const { operator, value } = condition;
      if (operator === "~") throw new QueryError(value.at, "~ looks for text, and figures are none");
      const bound = other(value, unit, named);
      const order = ORDERS[operator];
      return (summary) => {
        const [given, than] = [read(summary), bound(summary)];
        return given !== null && than !== null && order(given, than);
      };
    }
  }
}

/** What is compared with: a number, or another figure of the same unit. */
function other(
  value: Name,
  unit: FieldUnit,
  named: (name: Name) => Aggregate,
): (summary: CaptureSummary) => number | null {
  if (!/^[A-Za-z]/.test(value.text)) {
    const than = quantity(value, unit);
    return () => than;
  }
  const aggregate = named(value);
  if (aggregate.unit !== unit)
    throw new QueryError(
      value.at,
      `${aggregate.name} is in ${aggregate.unit}, not in ${unit}: no comparing them`,
    );
  return aggregate.read;
}

function figure(value: number | null, unit: FieldUnit): string {
  if (value === null) return "unknown";
  if (unit === "ms") return formatDuration(value);
  if (unit === "bytes") return formatBytes(value);
  return unit === "share" ? formatPercent(value) : formatCount(value);
}
