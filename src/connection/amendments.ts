/**
 * Keeps what may have to be said of connections whose records were handed on: late segments, by the connection's name,
 * and those connections of which others may still show something else.
 *
 * Bounded on both sides: late segments are told when their tomb would be gone (2MSL), or when there are too many; of
 * connections that hang on others a fixed number is kept, packed. Nothing happens here for an ordinary segment.
 */
import { type Amendment, type ChangedFields, PROVISIONAL_FIELDS } from "../report/amendment.js";
import type { ConnectionRecord } from "../report/record.js";
import { RST, type Segment } from "../wire/segment.js";
import { MARK_LEG_AMBIGUOUS, MARK_SEEN, MARK_SYN_LOST, MARK_UNSEEN_BUT_ACKED, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { type DescribeContext, describeConnection, type Scene } from "./describe.js";
import { idOf, idOfName } from "./packet-names.js";
import { RecordStore } from "./record-store.js";

/** Connections with late segments that are not told yet; one more, and all are told at once. */
export const MOST_LATE = 100_000;
/** Connections kept because others may still change what was said of them: some hundred bytes each. */
export const MOST_PROVISIONAL = 16_384;

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

/** A record as it was handed on: the fields that may change, and the time as of which it stood. */
interface Provisional {
  readonly id: string;
  readonly nowNs: number;
  readonly said: Pick<ConnectionRecord, (typeof PROVISIONAL_FIELDS)[number]>;
}

export class Amendments {
  readonly #scene: Scene;
  readonly #tell: (amendment: Amendment) => void;
  /** By the name of the connection's first packet (packet-names.ts). */
  readonly #late = new Map<number, Late>();
  #nextSweepNs = Number.NEGATIVE_INFINITY;
  readonly #store = new RecordStore({ inMemory: MOST_PROVISIONAL });
  readonly #provisional: Provisional[] = [];

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
    if (!hangsOnOthers(connections, connection) || this.#store.count >= MOST_PROVISIONAL) return;
    this.#store.add(connections, connection, context.unreachable(connection));
    const said = Object.fromEntries(PROVISIONAL_FIELDS.map((name) => [name, record[name]]));
    this.#provisional.push({
      id: record.id,
      nowNs: this.#scene.nowNs,
      said: said as unknown as Provisional["said"],
    });
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
    this.#provisional.forEach((one, number) => {
      const changed = this.#changesOf(one, number);
      if (Object.keys(changed).length > 0) this.#tell({ amends: one.id, ...changed });
    });
    this.#provisional.length = 0;
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
    const changed = PROVISIONAL_FIELDS.filter(
      (name) => JSON.stringify(record[name]) !== JSON.stringify(said[name]),
    );
    return Object.fromEntries(changed.map((name) => [name, record[name]]));
  }
}

/** Whether a direction was never seen nor acknowledged, or only the server's usual leg tells which SYN was answered. */
function hangsOnOthers(connections: Connections, connection: number): boolean {
  const { marks } = connections.endpoints;
  const [client, server] = [marks[connection]!, marks[connection + STRIDE]!];
  const isKnown = (side: number) => (side & (MARK_SEEN | MARK_UNSEEN_BUT_ACKED)) !== 0;
  return (
    !isKnown(client) ||
    !isKnown(server) ||
    (client & (MARK_LEG_AMBIGUOUS | MARK_SYN_LOST)) === MARK_LEG_AMBIGUOUS
  );
}
