/**
 * A filter at work: text → a test on records.
 *
 * A name without a side means either side; `!=` and `not in` hold where `=` and `in` do not. What is unknown is neither
 * equal to anything, nor smaller, nor larger.
 */
import type { Field, FieldValue } from "../report/fields/field.js";
import type { ConnectionRecord } from "../report/record.js";
import { searchText } from "../report/search-text.js";
import type { ConnectionFilter } from "../report/view.js";
import { fieldsNamed, isField } from "./field-names.js";
import { isNumeric } from "./quantity.js";
import { QueryError } from "./query-error.js";
import { type Condition, type Name, type Operator, parseFilter, type Value } from "./syntax.js";
import { membershipOf, ORDERS, type ValueTest, valueTest } from "./value-tests.js";

/** Whether a connection is one of those that the filter is for. */
export type RecordTest = (record: ConnectionRecord) => boolean;

/** The filter that a text is. Throws a `QueryError` that says what is wrong with it, and in which column. */
export function compileFilter(text: string): ConnectionFilter {
  const condition = parseFilter(text);
  return { text, readsFindings: readsFindings(condition), matches: compiled(condition) };
}

/** Whether it hangs on what is told of connections: by name, or by words that names of findings have. */
function readsFindings(condition: Condition): boolean {
  switch (condition.kind) {
    case "or":
    case "and":
      return condition.of.some(readsFindings);
    case "not":
      return readsFindings(condition.of);
    case "text":
      // An address or a number is none.
      return /^[a-z0-9-]*[a-z-][a-z0-9-]*$/i.test(condition.value.text);
    default:
      return fieldsNamed(condition.name).some(({ name }) => name === "findings");
  }
}

function compiled(condition: Condition): RecordTest {
  switch (condition.kind) {
    case "or": {
      const tests = condition.of.map(compiled);
      return (record) => tests.some((test) => test(record));
    }
    case "and": {
      const tests = condition.of.map(compiled);
      return (record) => tests.every((test) => test(record));
    }
    case "not": {
      const test = compiled(condition.of);
      return (record) => !test(record);
    }
    case "text": {
      const text = condition.value.text.toLowerCase();
      return (record) => searchText(record).includes(text);
    }
    case "known":
      return anyOf(fieldsNamed(condition.name), isKnown);
    case "in":
      return ofFields(condition.name, (field) => membershipOf(field, condition.values));
    case "compare":
      return comparison(condition.name, condition.operator, condition.value);
  }
}

/** A flag that is set, a list with something in it, or any other value that is known. */
function isKnown(value: FieldValue): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== null && value !== false;
}

function comparison(name: Name, operator: Operator, value: Value): RecordTest {
  if (operator === "!=") {
    const isEqual = comparison(name, "=", value);
    return (record) => !isEqual(record);
  }
  const [field] = fieldsNamed(name);
  if (isOtherField(field!, value)) return betweenFields(name, operator, value);
  return ofFields(name, (of) => valueTest(of, operator, value));
}

function ofFields(name: Name, test: (field: Field) => ValueTest): RecordTest {
  const fields = fieldsNamed(name);
  return anyOf(fields, test(fields[0]!));
}

function anyOf(fields: readonly Field[], test: ValueTest): RecordTest {
  if (fields.length === 1) {
    const [{ read }] = fields as [Field];
    return (record) => test(read(record));
  }
  return (record) => fields.some(({ read }) => test(read(record)));
}

/** Whether the value is the name of a field with numbers, to compare another such field with. */
function isOtherField(field: Field, { text, isQuoted }: Value): boolean {
  return isNumeric(field.unit) && !isQuoted && /^[A-Za-z]/.test(text) && text !== "null" && isField(text);
}

function betweenFields(name: Name, operator: Operator, other: Value): RecordTest {
  const [left, right] = [fieldsNamed(name), fieldsNamed(other)];
  const [a, b] = [left[0]!, right[0]!];
  if (a.unit !== b.unit)
    throw new QueryError(other.at, `${a.name} is in ${a.unit} and ${b.name} in ${b.unit}: no comparing them`);
  if (operator === "~") throw new QueryError(other.at, "~ looks for text, and numbers are none");
  const holds = ORDERS[operator];
  return (record) =>
    left.some(({ read }) =>
      right.some((field) => {
        const [x, y] = [read(record), field.read(record)];
        return typeof x === "number" && typeof y === "number" && holds(x, y);
      }),
    );
}
