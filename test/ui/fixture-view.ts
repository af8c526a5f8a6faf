/**
 * An analysis of made-up connections for the screens: it can be read in steps, sorts, searches and pages as the real
 * one does, and remembers what it was asked for.
 */
import { compileSearch } from "../../src/query/search.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import type { Sockets } from "../../src/report/socket.js";
import type { CaptureSummary } from "../../src/report/summary.js";
import type { Traffic } from "../../src/report/traffic.js";
import type { Ladder, Page, PageQuery, Progress, SortKey } from "../../src/report/view.js";
import type { RunnableAnalysis } from "../../src/ui/live.js";
import { makeLadder, makeRecord, makeReset, makeSummary } from "../report/record-fixture.js";

type Template = (index: number) => Parameters<typeof makeRecord>[0];

/** Kinds of connections, taken in turn. */
const TEMPLATES: readonly Template[] = [
  () => ({}),
  () => ({
    client: { state: "FIN_WAIT_2" },
    server: { state: "CLOSE_WAIT" },
    close: "half-closed",
    findings: ["close-wait-leak"],
    durationMs: 98_200,
  }),
  () => ({
    client: { state: "CLOSED" },
    server: { state: "CLOSED", port: 8081 },
    outcome: "refused",
    findings: ["connection-refused"],
    close: "never-established",
    connectTimeMs: null,
    serverLegMs: null,
    clientLegMs: null,
    initialRttMs: null,
    reset: makeReset({ kind: "refused", atMs: 0.2 }),
    bytes: 0,
  }),
  () => ({
    retransmissions: 12,
    server: { retransmissions: 12, retransmittedBytes: 17_376, state: "ESTABLISHED" },
    client: { state: "ESTABLISHED", duplicateAcks: 9 },
    close: "open",
    durationMs: 61_000,
    bytes: 4_200_000,
  }),
  () => ({
    client: { state: "SYN_SENT" },
    server: { address: "2001:db8:85a3::8a2e:370:7334", port: 443, state: "CLOSED", packets: 0 },
    outcome: "unanswered",
    close: "never-established",
    connectTimeMs: null,
    serverLegMs: null,
    clientLegMs: null,
    initialRttMs: null,
    synCount: 7,
    synAckCount: 0,
    durationMs: 127_000,
    bytes: 0,
  }),
  (index) => ({
    losses: ["syn-lost"],
    lossEvidence: [
      { loss: "syn-lost", where: "after-capture", frames: [1], repeatFrames: [2], answerFrame: 3 },
    ],
    connectTimeMs: 1_001.4 + index,
    retryWaitMs: 1_000,
    synCount: 2,
    retransmissions: 1,
  }),
  () => ({
    client: { state: "CLOSED" },
    server: { state: "CLOSED" },
    close: "reset",
    reset: makeReset(),
    durationMs: 50,
  }),
];

/** The connection number `index` of the fixture. */
export function fixtureRecord(index: number): ConnectionRecord {
  const template = TEMPLATES[index % TEMPLATES.length]!(index);
  const record = makeRecord(template);
  const startMs = index * 17.25;
  return {
    ...record,
    id: String(index * 11 + 1),
    frame: index * 11 + 1,
    startMs,
    start: `${new Date(Date.parse("2026-03-14T14:02:11.031Z") + startMs).toISOString().slice(0, -1)}000000Z`,
    client: { ...record.client, port: 51_000 + (index % 9_000) },
  };
}

const SORTS: Readonly<Record<SortKey, (record: ConnectionRecord) => number | string>> = {
  start: (r) => r.startMs,
  client: (r) => `${r.client.address}:${r.client.port}`,
  server: (r) => `${r.server.address}:${r.server.port}`,
  clientState: (r) => r.client.state,
  serverState: (r) => r.server.state,
  connectTime: (r) => r.connectTimeMs ?? -1,
  initialRtt: (r) => r.initialRttMs ?? -1,
  retransmissions: (r) => r.retransmissions,
  bytes: (r) => r.bytes,
  duration: (r) => r.durationMs,
  outcome: (r) => r.outcome ?? "",
  close: (r) => r.close,
};

export interface FixtureOptions {
  readonly capturing?: Progress["capturing"];
  /** Connections when the reading has ended. */
  readonly connections?: number;
  readonly summary?: CaptureSummary;
  readonly ladder?: Ladder;
  /** Where the reading fails when it is told to end. */
  readonly error?: Error;
  readonly problem?: string;
  readonly bytesTotal?: number | null;
  /** What comes just now, where it is a capture. */
  readonly traffic?: Traffic;
  readonly sockets?: Sockets;
}

export class FixtureView implements RunnableAnalysis {
  readonly queries: PageQuery[] = [];
  readonly options: FixtureOptions;
  isStarted = false;
  signal: AbortSignal | undefined;
  #records: ConnectionRecord[] = [];
  #share = 0;
  protected isDone = false;
  #end: () => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(options: FixtureOptions = {}) {
    this.options = options;
  }

  get total(): number {
    return this.options.connections ?? 500;
  }

  run(signal?: AbortSignal): Promise<void> {
    this.isStarted = true;
    this.signal = signal;
    return new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
      signal?.addEventListener("abort", () => resolve());
    });
  }

  /** Reads on to a share of the input. */
  readTo(share: number): void {
    this.#share = share;
    const count = Math.round(this.total * share);
    while (this.#records.length < count) this.#records.push(fixtureRecord(this.#records.length));
  }

  /** Ends the reading, whole or with the fixture's error. */
  finish(): void {
    if (!this.options.error) this.readTo(1);
    this.isDone = true;
    if (this.options.error) this.#fail(this.options.error);
    else this.#end();
  }

  progress(): Progress {
    const { bytesTotal = 184_000_000, problem = null } = this.options;
    return {
      bytesRead: Math.round((bytesTotal ?? 184_000_000) * this.#share),
      bytesTotal,
      packets: Math.round((this.options.summary?.packets ?? 1_204_118) * this.#share),
      packetsPerSecond: this.#share > 0 ? 301_029.5 : 0,
      connections: this.#records.length,
      isDone: this.isDone,
      problem,
      capturing: this.options.capturing ?? null,
    };
  }

  summary(): CaptureSummary {
    return this.options.summary ?? makeSummary({ isComplete: this.isDone });
  }

  traffic(): Traffic | null {
    return this.options.traffic ?? null;
  }

  sockets(): Sockets | null {
    return this.options.sockets ?? null;
  }

  page(query: PageQuery): Promise<Page> {
    this.queries.push(query);
    const test = compileSearch(query.search);
    const matching = this.#records.filter((record) => test === null || test(record));
    const key = SORTS[query.sort];
    const sign = query.isDescending ? -1 : 1;
    matching.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      return x === y ? a.frame - b.frame : x < y ? -sign : sign;
    });
    return Promise.resolve({
      matching: matching.length,
      total: this.#records.length,
      rows: matching.slice(query.offset, query.offset + query.limit),
    });
  }

  ladder(id: string): Promise<Ladder> {
    const record = this.#records.find((candidate) => candidate.id === id);
    if (!record) return Promise.reject(new Error(`no connection ${id}`));
    return Promise.resolve({ ...(this.options.ladder ?? makeLadder()), record });
  }
}
