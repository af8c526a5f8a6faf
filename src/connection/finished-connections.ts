/**
 * Connections that are final, as far as somebody will ask for them: all, the worst so many, or none.
 *
 * They stand packed, in memory or in a file (record-store.ts); a record is made when it is asked for. A page holds
 * finished and open ones alike.
 */
import type { ConnectionRecord } from "../report/record.js";
import { CLOSES, type Close, OUTCOMES } from "../report/verdicts.js";
import type { ConnectionFilter, Page, PageQuery, SortKey } from "../report/view.js";
import { beganAt, lastPacketAt, MARK_FIN_SENT, STRIDE } from "./columns.js";
import { type DescribeContext, describeConnection } from "./describe.js";
import { closeOf } from "./describe-close.js";
import { handshakeFacts, newFacts } from "./describe-handshake.js";
import { nameOf } from "./packet-names.js";
import { RecordStore, type StoreLimits } from "./record-store.js";
import { isChosen } from "./selected-connections.js";
import { SortColumns, sortValue } from "./sort-columns.js";

const facts = newFacts();

/** Of the latest N, up to this many times N are held before the oldest are forgotten. */
const FORGOTTEN_FROM = 9 / 8;
/** Of the worst N, up to this many times N are packed before the best-behaved are dropped. */
const SLACK = 4;
/** An order or a summary that took so long is shown for this many times as long while the file is read. */
export const RENEWAL_SHARE = 10;
/** Connections looked at in one go while a search runs: the screen stays alive in between. */
const SEARCH_STEP = 2000;

const FAILED_OUTCOMES = new Set(
  ["refused", "unanswered", "embryonic", "aborted", "unreachable"].map((name) =>
    (OUTCOMES as readonly string[]).indexOf(name),
  ),
);
const FAILED_CLOSES = closeSet("reset", "timed-out");
const UNFINISHED_CLOSES = closeSet("half-closed", "graceful-unfinished", "idle");

function closeSet(...names: Close[]): Set<number> {
  return new Set(names.map((name) => CLOSES.indexOf(name)));
}

/** What says in which order connections are listed: nothing of it depends on when their records became final. */
interface Rank {
  readonly score: number;
  readonly startNs: number;
  readonly name: number;
}

function worstFirst(a: Rank, b: Rank): number {
  return b.score - a.score || a.startNs - b.startNs || a.name - b.name;
}

/** How finished connections are kept. */
export interface KeptConnections {
  /** All that can be listed, and those of them whose packed records stand in a file. */
  readonly records: number;
  readonly spilled: number;
  /** Bytes of all packed records, and of what sorts them, which stays in memory. */
  readonly packedBytes: number;
  readonly sortBytes: number;
  /** Connections that could not be kept, and why, in a clause; they count in every figure all the same. */
  readonly unkept: number;
  readonly unkeptBecause: string | null;
}

export class FinishedConnections {
  readonly #keep: "all" | number;
  readonly #live: DescribeContext;
  readonly #limits: StoreLimits;
  readonly #filter: ConnectionFilter | undefined;
  #store: RecordStore;
  /** Those that stores given up since could not keep. */
  #unkeptBefore = 0;
  readonly #sort = new SortColumns();
  /** With a number of connections to keep: how bad each is, when it began, and its name. */
  #ranks: Rank[] = [];
  /** There are enough connections that are worse than this. */
  #floor = Number.NEGATIVE_INFINITY;
  /** The last page's order, for as long as nothing was added. */
  #order: { asked: string; seen: string; handles: Int32Array; total: number; goodUntil: number } | null =
    null;

  /**
   * `live`: the connections that are open, for pages that show both; `filter`: which of those are shown. Who adds a
   * finished one has asked before.
   */
  constructor(
    keep: "all" | "none" | number,
    live: DescribeContext,
    limits: StoreLimits,
    filter?: ConnectionFilter,
  ) {
    this.#filter = filter;
    this.#keep = keep === "none" ? 0 : keep;
    this.#live = live;
    this.#limits = limits;
    this.#store = new RecordStore(limits);
  }

  get kept(): KeptConnections {
    const { first, count, spilled, bytes, unkept } = this.#store;
    const { latest } = this.#limits;
    const forgotten = first > 0 ? `the last ${latest} are held (--keep)` : null;
    const unkeptBecause = this.#store.unkeptBecause ?? forgotten;
    return {
      records: count - first,
      spilled,
      packedBytes: bytes,
      sortBytes: this.#sort.bytes,
      unkept: this.#unkeptBefore + unkept,
      unkeptBecause,
    };
  }

  /** Gives the file back; what stands in it can no longer be asked for. */
  close(): void {
    this.#store.close();
  }

  /** The connection is done: says how bad it is, while its words are at hand. */
  judge(context: DescribeContext, connection: number): void {
    if (this.#keep === "all" || this.#keep === 0) return;
    context.connections.columns.badness[connection] = badness(context, connection);
  }

  /** Whether the connection, judged before, may be asked for when it is final. */
  wants(context: DescribeContext, connection: number): boolean {
    if (this.#keep === "all" || this.#keep === 0) return this.#keep === "all";
    return context.connections.columns.badness[connection]! >= this.#floor;
  }

  /** The connection is final. */
  add(context: DescribeContext, connection: number): void {
    if (this.#keep === 0) return;
    const score = context.connections.columns.badness[connection]!;
    if (score < this.#floor) return;
    if (this.#store.add(context.connections, connection, context.unreachable(connection)) < 0) return;
    if (this.#keep === "all") {
      this.#sort.add(context, connection);
      this.#forgetOldest();
      return;
    }
    const { connections } = context;
    const startNs = beganAt(connections.endpoints, connection);
    this.#ranks.push({ score, startNs, name: nameOf(connections.columns, connection) });
    if (this.#ranks.length >= this.#keep * SLACK + 1000) this.#dropBest(this.#keep);
  }

  /** The worst connections first; with "all", every one in the order of its beginning. Each is made when it is taken. */
  *worst(count: number | "all"): Generator<ConnectionRecord> {
    const { first } = this.#store;
    const numbers = Array.from({ length: this.#store.count - first }, (_, at) => first + at);
    if (count === "all" && this.#keep === "all") numbers.sort((a, b) => this.#sort.compareStarts(a, b));
    else {
      const ranks = this.#keep === "all" ? numbers.map((number) => this.#rankOf(number)) : this.#ranks;
      numbers.sort((a, b) => worstFirst(ranks[a - first]!, ranks[b - first]!));
    }
    const wanted = count === "all" ? numbers : numbers.slice(0, count);
    for (const number of wanted) yield this.#record(number);
  }

  /** One page of finished and open connections that pass the test of its search, where it has one. */
  async page(query: PageQuery, test: ((record: ConnectionRecord) => boolean) | null): Promise<Page> {
    const live = this.#live.connections;
    const asked = `${query.sort} ${query.isDescending} ${query.search}`;
    const seen = `${this.#store.count} ${live.alive} ${this.#live.scene.nowNs}`;
    const known = this.#order;
    // While the file is read the order is renewed so rarely that it takes a tenth of the time at most.
    const isAsked = known !== null && known.asked === asked;
    if (!isAsked || (known.seen !== seen && (live.alive === 0 || performance.now() >= known.goodUntil))) {
      const startedAt = performance.now();
      const { handles, total } = await this.#sorted(query, test);
      const endedAt = performance.now();
      this.#order = {
        asked,
        seen,
        handles,
        total,
        goodUntil: endedAt + RENEWAL_SHARE * (endedAt - startedAt),
      };
    }
    const { handles, total } = this.#order!;
    const shown = handles.subarray(query.offset, query.offset + query.limit);
    const rows = Array.from(
      shown.filter((handle) => this.#isThere(handle)),
      (handle) => this.#describe(handle),
    );
    return { matching: handles.length, total, rows };
  }

  /** The record with this id: "frame", or "file:frame" where several files were read; null where there is none. */
  findById(id: string): ConnectionRecord | null {
    const colon = id.lastIndexOf(":");
    const file = colon < 0 ? 0 : this.#live.scene.fileNames.indexOf(id.slice(0, colon));
    return this.#find(Number(id.slice(colon + 1)), file);
  }

  #find(frame: number, file: number): ConnectionRecord | null {
    const number = this.#sort.find(frame, file);
    if (number >= 0) return this.#record(number);
    const { connections } = this.#live;
    let found = -1;
    connections.forEach((connection) => {
      if (connections.columns.frame[connection] === frame && connections.columns.file[connection] === file)
        found = connection;
    });
    return found < 0 ? null : describeConnection(this.#live, found);
  }

  /** Handles (a finished connection's number, or -1 - connection for an open one) that match, in order. */
  async #sorted(
    query: PageQuery,
    test: ((record: ConnectionRecord) => boolean) | null,
  ): Promise<{ handles: Int32Array; total: number }> {
    const handles: number[] = [];
    for (let number = this.#sort.first; number < this.#sort.count; number++) handles.push(number);
    const filter = this.#filter;
    this.#live.connections.forEach((connection) => {
      if (!filter || isChosen(filter, this.#live, connection)) handles.push(-1 - connection);
    });
    const matching = (test === null ? handles : await this.#matching(handles, test)).filter((handle) =>
      this.#isThere(handle),
    );
    const values = Float64Array.from(matching, (handle) => this.#sortValue(handle, query.sort));
    const starts = Float64Array.from(matching, (handle) => this.#sortValue(handle, "start"));
    const direction = query.isDescending ? -1 : 1;
    const places = Uint32Array.from(matching, (_, place) => place).sort((a, b) => {
      const [x, y] = [values[a]!, values[b]!];
      if (x === y) return starts[a]! - starts[b]! || a - b;
      if (x !== x || y !== y) return Number(x !== x) - Number(y !== y) || starts[a]! - starts[b]! || a - b;
      return direction * (x - y);
    });
    return { handles: Int32Array.from(places, (place) => matching[place]!), total: handles.length };
  }

  #sortValue(handle: number, key: SortKey): number {
    return handle >= 0 ? this.#sort.value(handle, key) : sortValue(this.#live, -1 - handle, key);
  }

  async #matching(
    handles: readonly number[],
    test: (record: ConnectionRecord) => boolean,
  ): Promise<number[]> {
    const matching: number[] = [];
    for (let i = 0; i < handles.length; i++) {
      if (i % SEARCH_STEP === SEARCH_STEP - 1) await new Promise((resolve) => setImmediate(resolve));
      if (this.#isThere(handles[i]!) && test(this.#describe(handles[i]!))) matching.push(handles[i]!);
    }
    return matching;
  }

  /** Whether a connection is still held: while a search runs, open ones end and old ones are forgotten. */
  #isThere(handle: number): boolean {
    return handle >= 0 ? handle >= this.#store.first : this.#live.connections.isAlive(-1 - handle);
  }

  /** Where only the latest are held, the oldest leave: an eighth of them at once. */
  #forgetOldest(): void {
    const { latest } = this.#limits;
    if (latest === undefined || this.#store.count - this.#store.first < latest * FORGOTTEN_FROM) return;
    this.#store.forget(latest);
    if (this.#store.first > this.#sort.first) this.#sort.forget(this.#store.first);
  }

  #describe(handle: number): ConnectionRecord {
    return handle >= 0 ? this.#record(handle) : describeConnection(this.#live, -1 - handle);
  }

  #record(number: number): ConnectionRecord {
    return describeConnection(this.#packed(number), 0);
  }

  /** Where all are kept. */
  #rankOf(number: number): Rank {
    const packed = this.#packed(number);
    const { endpoints, columns } = packed.connections;
    return { score: badness(packed, 0), startNs: beganAt(endpoints, 0), name: nameOf(columns, 0) };
  }

  /** A context over the store's scratch place, with connection `number` in it. */
  #packed(number: number): DescribeContext {
    this.#store.load(number);
    const { unreachable, scratch } = this.#store;
    const evictedAt = scratch.rare.evictedAt[scratch.endpoints.rareRow[0]!]!;
    // An evicted connection stays as it was then.
    const scene = evictedAt > 0 ? { ...this.#live.scene, nowNs: evictedAt } : this.#live.scene;
    return { scene, connections: scratch, unreachable: () => unreachable };
  }

  #dropBest(most: number): void {
    const numbers = this.#ranks.map((_, number) => number);
    numbers.sort((a, b) => worstFirst(this.#ranks[a]!, this.#ranks[b]!));
    const kept = numbers.slice(0, most).sort((a, b) => a - b);
    this.#floor = this.#ranks[numbers[most - 1]!]!.score;
    const [old, ranks] = [this.#store, this.#ranks];
    this.#unkeptBefore += old.unkept;
    this.#store = new RecordStore(this.#limits);
    this.#ranks = [];
    for (const number of kept) {
      old.load(number);
      if (this.#store.add(old.scratch, 0, old.unreachable) >= 0) this.#ranks.push(ranks[number]!);
    }
    old.close();
  }
}

/** How much a connection deserves attention: failed before slow before untidy; then time lost, then bytes. */
function badness(context: DescribeContext, connection: number): number {
  const { endpoints: e, rare } = context.connections;
  const client = connection;
  const server = client + STRIDE;
  const [clientRare, serverRare] = [e.rareRow[client]!, e.rareRow[server]!];
  handshakeFacts(context, connection, facts);
  const close = closeOf(context, connection, facts.outcome);
  const repeats = rare.retransmissions[clientRare]! + rare.retransmissions[serverRare]!;
  let severity = 0;
  if (FAILED_OUTCOMES.has(facts.outcome) || FAILED_CLOSES.has(close)) severity = 3;
  else if (repeats > 0 || rare.zeroWindows[clientRare]! + rare.zeroWindows[serverRare]! > 0) severity = 2;
  else if (UNFINISHED_CLOSES.has(close)) severity = 1;
  const lasted = lastPacketAt(e, client) - sortValue(context, connection, "start");
  const isClosing = (e.marks[client]! | e.marks[server]!) & MARK_FIN_SENT;
  const lostNs = severity === 3 && !isClosing ? lasted : (facts.retryWaitNs || 0) + repeats * 1e6;
  return (
    severity * 1e15 +
    Math.min(lostNs, 9e14) +
    Math.min((e.bytes[client]! + e.bytes[server]!) / 1e6, 1e3) / 1e3
  );
}
