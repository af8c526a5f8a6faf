/**
 * Keeps what may have to be said of connections whose records were handed on: late segments, by the connection's name,
 * and those connections of which others may still show something else.
 *
 * Bounded on all sides: late segments are told when their tomb would be gone (2MSL), or when there are too many; of
 * connections that hang on others a fixed number is kept, packed, and of every other only what was said of its capture
 * point. What goes beyond is counted. Nothing happens here for an ordinary segment.
 */
import {
  type Amendment,
  type ChangedFields,
  PROVISIONAL_COUNTS,
  PROVISIONAL_FIELDS,
} from "../report/amendment.js";
import { type ConnectionRecord, type EndpointRecord, SIDES } from "../report/record.js";
import type { CapturePoint } from "../report/summary.js";
import { RST, type Segment } from "../wire/segment.js";
import { MARK_LEG_AMBIGUOUS, MARK_SEEN, MARK_SYN_LOST, MARK_UNSEEN_BUT_ACKED, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { type DescribeContext, describeConnection, type Scene } from "./describe.js";
import { idOf, idOfName, nameOf } from "./packet-names.js";
import { RecordStore } from "./record-store.js";

/** Connections with late segments that are not told yet; one more, and all are told at once. */
export const MOST_LATE = 100_000;
/** Connections kept because others may still change what was said of them: some hundred bytes each. */
export const MOST_PROVISIONAL = 16_384;

/** Connections of which it is remembered what was said of their capture point: a number each. */
const MOST_SAID = 262_144;
/** Connections of which it is remembered in which findings they may stand: a few names each. */
export const MOST_CONCLUDED = 32_768;

/** A record as it was handed on, in which something is seen of which more, or nothing, may be told by the end. */
interface Concluded {
  readonly name: number;
  readonly said: readonly string[];
  now(): readonly string[];
}

/** What came late for one connection. */
interface Late {
  /** When nothing more can be recognised as its own. */
  readonly untilNs: number;
  segments: number;
  bytes: number;
  resets: number;
  lastNs: number;
  lastFile: number;
  lastFrame: number;
}

type Counts = Pick<EndpointRecord, (typeof PROVISIONAL_COUNTS)[number]>;
type Said = Pick<ConnectionRecord, (typeof PROVISIONAL_FIELDS)[number]> & {
  readonly client: Counts;
  readonly server: Counts;
};

/** A record as it was handed on: the fields that may change, and the time as of which it stood. */
interface Provisional {
  readonly id: string;
  readonly nowNs: number;
  readonly said: Said;
}

export class Amendments {
  readonly #scene: Scene;
  readonly #tell: (amendment: Amendment) => void;
  /** By the name of the connection's first packet (packet-names.ts). */
  readonly #late = new Map<number, Late>();
  #nextSweepNs = Number.NEGATIVE_INFINITY;
  readonly #store = new RecordStore({ inMemory: MOST_PROVISIONAL });
  readonly #provisional: Provisional[] = [];
  readonly #points = new SaidPoints();
  readonly #concluded: Concluded[] = [];
  #dropped = 0;

  constructor(scene: Scene, tell: (amendment: Amendment) => void) {
    this.#scene = scene;
    this.#tell = tell;
  }

  /** A segment came for a connection that ended at `endedAt` and is no longer in memory. */
  noteLate(name: number, endedAt: number, segment: Segment): void {
    let late = this.#late.get(name);
    if (!late) {
      if (this.#late.size >= MOST_LATE) this.#tellLate(Number.POSITIVE_INFINITY);
      const untilNs = endedAt + this.#scene.timeWaitNs;
      late = { untilNs, segments: 0, bytes: 0, resets: 0, lastNs: 0, lastFile: 0, lastFrame: 0 };
      this.#late.set(name, late);
    }
    late.segments++;
    late.bytes += segment.payloadLength;
    if (segment.flags & RST) late.resets++;
    late.lastNs = segment.timeNs;
    late.lastFile = segment.file;
    late.lastFrame = segment.number;
  }

  /** The record was handed on: the connection is kept where others may change it. */
  noteHandedOn(context: DescribeContext, connection: number, record: ConnectionRecord): void {
    const { connections } = context;
    if (record.capturePoint !== null)
      this.#points.note(
        connections.columns.interfaceId[connection]!,
        record.capturePoint,
        nameOf(connections.columns, connection),
      );
    if (!hangsOnOthers(connections, connection)) {
      this.#noteConcluded(nameOf(connections.columns, connection), record);
      return;
    }
    if (this.#store.count >= MOST_PROVISIONAL) {
      this.#dropped++;
      return;
    }
    this.#store.add(connections, connection, context.unreachable(connection));
    this.#provisional.push({ id: record.id, nowNs: this.#scene.nowNs, said: essentials(record) });
  }

  #noteConcluded(name: number, record: ConnectionRecord): void {
    const now = this.#scene.conclusions?.follow(record) ?? null;
    if (now === null) return;
    if (this.#concluded.length < MOST_CONCLUDED) this.#concluded.push({ name, said: record.findings, now });
    else this.#dropped++;
  }

  /** Records handed on that others may have changed since, and that are not kept: nothing is told of them. */
  get unfollowed(): number {
    return this.#dropped + this.#points.unfollowed(this.#scene);
  }

  /** Tells what nothing can be added to any more; called now and then. */
  sweep(nowNs: number): void {
    if (nowNs < this.#nextSweepNs) return;
    this.#nextSweepNs = nowNs + this.#scene.timeWaitNs;
    this.#tellLate(nowNs);
  }

  /** The capture has ended, and every other connection is known. */
  end(): void {
    this.#tellLate(Number.POSITIVE_INFINITY);
    const changes = new Map<string, ChangedFields>();
    this.#points.forEachChanged(this.#scene, (name, capturePoint) => {
      changes.set(idOfName(this.#scene.fileNames, name), { capturePoint });
    });
    for (const { name, said, now } of this.#concluded) {
      const findings = now();
      if (!differs(findings, said)) continue;
      const id = idOfName(this.#scene.fileNames, name);
      changes.set(id, { ...changes.get(id), findings });
    }
    this.#provisional.forEach((one, number) => {
      const changed = this.#changesOf(one, number);
      if (Object.keys(changed).length > 0) changes.set(one.id, changed);
    });
    for (const [amends, changed] of changes) this.#tell({ amends, ...changed });
    this.#provisional.length = 0;
    this.#concluded.length = 0;
  }

  #tellLate(nowNs: number): void {
    const { fileNames } = this.#scene;
    for (const [name, late] of this.#late) {
      if (late.untilNs >= nowNs) continue;
      this.#late.delete(name);
      this.#tell({
        amends: idOfName(fileNames, name),
        lateSegments: late.segments,
        lateBytes: late.bytes,
        lateResets: late.resets,
        lastLateMs: late.lastNs / 1e6,
        lastLateId: idOf(fileNames, late.lastFile, late.lastFrame),
      });
    }
  }

  /** Described once more as of the same time: what differs is what other connections have shown since. */
  #changesOf({ nowNs, said }: Provisional, number: number): ChangedFields {
    this.#store.load(number);
    const { unreachable } = this.#store;
    const scene = { ...this.#scene, nowNs };
    const context = { scene, connections: this.#store.scratch, unreachable: () => unreachable };
    const record = describeConnection(context, 0);
    const changed = PROVISIONAL_FIELDS.filter((name) => differs(record[name], said[name]));
    const sides = SIDES.filter((side) => differs(counts(record[side]), counts(said[side])));
    return Object.fromEntries([
      ...changed.map((name) => [name, record[name]]),
      ...sides.map((side) => [side, counts(record[side])]),
    ]);
  }
}

/** Of each interface the connections by the capture point that was said of them, as far as they fit. */
class SaidPoints {
  readonly #said = new Map<
    string,
    { interfaceId: number; point: CapturePoint; names: number[]; more: number }
  >();
  #count = 0;

  note(interfaceId: number, point: CapturePoint, name: number): void {
    const key = `${interfaceId} ${point}`;
    let group = this.#said.get(key);
    if (!group) {
      group = { interfaceId, point, names: [], more: 0 };
      this.#said.set(key, group);
    }
    if (this.#count < MOST_SAID) {
      group.names.push(name);
      this.#count++;
    } else group.more++;
  }

  /** Calls `visit` with the connections of which another point was said than the one known now. */
  forEachChanged(scene: Scene, visit: (name: number, point: CapturePoint) => void): void {
    for (const { interfaceId, point, names } of this.#said.values()) {
      const now = scene.capturePoint(interfaceId);
      if (now !== point) for (const name of names) visit(name, now);
    }
  }

  /** Connections of which another point was said, and whose names are not kept. */
  unfollowed(scene: Scene): number {
    let count = 0;
    for (const { interfaceId, point, more } of this.#said.values())
      if (scene.capturePoint(interfaceId) !== point) count += more;
    return count;
  }
}

function differs(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}

/** What is compared later; the rest of the record is not kept. */
function essentials(record: ConnectionRecord): Said {
  const fields = PROVISIONAL_FIELDS.map((name) => [name, record[name]]);
  const sides = { client: counts(record.client), server: counts(record.server) };
  return { ...Object.fromEntries(fields), ...sides } as Said;
}

function counts(side: Counts): Counts {
  return Object.fromEntries(PROVISIONAL_COUNTS.map((name) => [name, side[name]])) as Counts;
}

/**
 * Whether a direction was never seen nor acknowledged, only the server's usual leg tells which SYN was answered, or only
 * a pair of interfaces who made the copies.
 */
function hangsOnOthers(connections: Connections, connection: number): boolean {
  const { marks, rareRow } = connections.endpoints;
  const { copyCandidates } = connections.rare;
  const [client, server] = [marks[connection]!, marks[connection + STRIDE]!];
  const isKnown = (side: number) => (side & (MARK_SEEN | MARK_UNSEEN_BUT_ACKED)) !== 0;
  return (
    !isKnown(client) ||
    !isKnown(server) ||
    (client & (MARK_LEG_AMBIGUOUS | MARK_SYN_LOST)) === MARK_LEG_AMBIGUOUS ||
    copyCandidates[rareRow[connection]!]! > 0 ||
    copyCandidates[rareRow[connection + STRIDE]!]! > 0
  );
}
