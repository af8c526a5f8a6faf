/**
 * THE field table: every leaf of a ConnectionRecord once, with name, heading, unit and description.
 *
 * A name is the leaf's path in the JSON document. Columns of every report, flattened rows and docs/fields.md are made
 * from this table, whose lines stand in fields/ by subject; a field that is not listed is shown nowhere. Reading never
 * computes: it only looks up.
 */
import { STATE_NAMES, type StateName } from "../tcp/states.js";
import { heartbeat, RESPONSE, rest, roundTrip, THOUGHT, timesRows } from "./fields/course.js";
import { close, gaveUp, reset } from "./fields/ending.js";
import { endpoint, offered } from "./fields/endpoint.js";
import { type Field, fieldsOf, WIDTHS } from "./fields/field.js";
import { identity, opening, unreachable } from "./fields/opening.js";
import { socket } from "./fields/socket.js";
import { tls } from "./fields/tls.js";
import { blackHole, limitedBy, lost, recovery, repeatedBytes, stall } from "./fields/transfer.js";
import type { ConnectionRecord, Side } from "./record.js";

function sideFields(side: Side): Field[] {
  const prefix = `${side}.`;
  return [
    ...fieldsOf(prefix, (record) => record[side], endpoint),
    ...fieldsOf(`${prefix}roundTrip.`, (record) => record[side].roundTrip, roundTrip),
    ...fieldsOf(`${prefix}repeatedBytes.`, (record) => record[side].repeatedBytes, repeatedBytes),
    ...fieldsOf(`${prefix}lost.`, (record) => record[side].lost, lost),
    ...fieldsOf(`${prefix}recovery.`, (record) => record[side].recovery, recovery),
    ...fieldsOf(`${prefix}stall.`, (record) => record[side].stall, stall),
    ...fieldsOf(`${prefix}blackHole.`, (record) => record[side].blackHole, blackHole),
    ...fieldsOf(`${prefix}limitedBy.`, (record) => record[side].limitedBy, limitedBy),
    ...fieldsOf(`${prefix}offered.`, (record) => record[side].offered, offered),
    ...fieldsOf(`${prefix}socket.`, (record) => record[side].socket ?? null, socket),
    // Nobody is timed in CLOSED: it has neither a beginning nor an end.
    ...STATE_NAMES.filter((state) => state !== "CLOSED").map((state) => stateTimeField(side, state)),
  ];
}

function stateTimeField(side: Side, state: StateName): Field {
  return {
    name: `${side}.stateTimesMs.${state}`,
    title: `in ${state}`,
    unit: "ms",
    description: `Time that the ${side} spent in ${state} (RFC 9293 §3.3.2); null where it never was in that state.`,
    read: (record) => record[side].stateTimesMs[state] ?? null,
    width: WIDTHS.ms,
    align: "right",
  };
}

const whole = (record: ConnectionRecord): ConnectionRecord => record;

/** Every field of a connection, in the order in which rows and documents list them. */
export const FIELDS: readonly Field[] = [
  ...fieldsOf("", whole, identity),
  ...sideFields("client"),
  ...sideFields("server"),
  ...fieldsOf("", whole, opening),
  ...fieldsOf("unreachable.", (record) => record.unreachable, unreachable),
  ...fieldsOf("", whole, close),
  ...fieldsOf("reset.", (record) => record.reset, reset),
  ...fieldsOf("gaveUp.", (record) => record.gaveUp, gaveUp),
  ...fieldsOf("responseTime.", (record) => record.responseTime, timesRows("response", RESPONSE)),
  ...fieldsOf("thinkTime.", (record) => record.thinkTime, timesRows("thought", THOUGHT)),
  ...fieldsOf("heartbeat.", (record) => record.heartbeat, heartbeat),
  ...fieldsOf("tls.", (record) => record.tls, tls),
  ...fieldsOf("", whole, rest),
];
