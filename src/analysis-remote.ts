/**
 * An analysis in another thread, and the view of it that a screen has here: it asks for pages and ladders, and looks at
 * progress and summary when it wants to. Nothing else crosses, and a chunk under way never holds up a key, nor a screen
 * that is being drawn a capture.
 *
 * `RemoteAnalysis` is the side of the screen, `Engine` that of the analysis. Neither knows how messages travel.
 */
import type { ConnectionRecord } from "./report/record.js";
import type { Sockets } from "./report/socket.js";
import type { CaptureSummary } from "./report/summary.js";
import type { Traffic } from "./report/traffic.js";
import type { AnalysisView, Ladder, Page, PageQuery, Progress } from "./report/view.js";

/** What a screen shows of an analysis without asking for it. */
export interface EngineState {
  readonly progress: Progress;
  readonly summary: CaptureSummary;
  readonly traffic: Traffic | null;
  readonly sockets: Sockets | null;
}

/** What a look fetches: the summary only where a new one was made. */
type Look = Omit<EngineState, "summary"> & { readonly summary: CaptureSummary | null };

/** Between summaries so many times as long passes as one takes to make; to send and to take it in takes as long again. */
const PAUSE_PER_SUMMARY = 20;

/** All of it, as an analysis stands. */
export function stateOf(analysis: AnalysisView): EngineState {
  return { ...momentOf(analysis), summary: analysis.summary() };
}

/** What changes with every packet, and is at hand. */
function momentOf(analysis: AnalysisView): Omit<EngineState, "summary"> {
  return { progress: analysis.progress(), traffic: analysis.traffic(), sockets: analysis.sockets() };
}

/** What is asked of the engine; `id` comes back with the answer. */
export type Question =
  | { readonly kind: "run" }
  | { readonly kind: "stop" }
  /** Ends a capture in good order: what came until then is still read. */
  | { readonly kind: "endCapture" }
  | { readonly kind: "look"; readonly id: number }
  | { readonly kind: "page"; readonly id: number; readonly query: PageQuery }
  | { readonly kind: "ladder"; readonly id: number; readonly connection: string }
  | { readonly kind: "worst"; readonly id: number; readonly count: number }
  | {
      readonly kind: "save";
      readonly id: number;
      readonly record: ConnectionRecord;
      readonly form: SavedForm;
    };

/** Of what a connection is saved: its packets, or its record and ladder. */
export type SavedForm = "pcap" | "json";
/** Saves a connection, and says where, or why not. */
export type SaveConnection = (record: ConnectionRecord, form: SavedForm) => Promise<string>;

/** What questions are answered with. */
type Value = Look | Page | Ladder | readonly ConnectionRecord[] | string;

export type Answer =
  | { readonly kind: "answer"; readonly id: number; readonly value: Value }
  | { readonly kind: "refused"; readonly id: number; readonly message: string }
  /** The reading is over; with the words of what it was rejected with, or null. */
  | { readonly kind: "ended"; readonly failure: string | null };

/** The way to the engine. */
export interface EngineLink {
  ask(question: Question): void;
  /** Told once, where answers are to go, and what the thread failed with. */
  listen(hear: (answer: Answer) => void, fail: (error: Error) => void): void;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export class RemoteAnalysis implements AnalysisView {
  readonly #link: EngineLink;
  #state: EngineState;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ending: Waiting | null = null;
  #failure: Error | null = null;
  #markEnded: () => void = () => undefined;
  /** Settles when nothing is read any more, whatever the reason. */
  readonly ended = new Promise<void>((resolve) => {
    this.#markEnded = resolve;
  });

  /** `first`: what is shown before the engine has told anything. */
  constructor(link: EngineLink, first: EngineState) {
    this.#link = link;
    this.#state = first;
    link.listen(
      (answer) => this.#hear(answer),
      (error) => this.#fail(error),
    );
  }

  run(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ending = { resolve: resolve as (value: never) => void, reject };
      if (this.#failure) reject(this.#failure);
      signal?.addEventListener("abort", () => this.#link.ask({ kind: "stop" }), { once: true });
      this.#link.ask({ kind: "run" });
    });
  }

  /** Fetches what `progress` and `summary` then tell; the summary of a large capture may be some hundred ms older. */
  async look(): Promise<void> {
    const { summary, ...others } = await this.#ask<Look>((id) => ({ kind: "look", id }));
    this.#state = { ...others, summary: summary ?? this.#state.summary };
  }

  progress(): Progress {
    return this.#state.progress;
  }

  summary(): CaptureSummary {
    return this.#state.summary;
  }

  traffic(): Traffic | null {
    return this.#state.traffic;
  }

  sockets(): Sockets | null {
    return this.#state.sockets;
  }

  page(query: PageQuery): Promise<Page> {
    return this.#ask<Page>((id) => ({ kind: "page", id, query }));
  }

  ladder(connection: string): Promise<Ladder> {
    return this.#ask<Ladder>((id) => ({ kind: "ladder", id, connection }));
  }

  /** The connections that deserve attention most, worst first. */
  worst(count: number): Promise<readonly ConnectionRecord[]> {
    return this.#ask<readonly ConnectionRecord[]>((id) => ({ kind: "worst", id, count }));
  }

  /** Saves a connection as a file of its own, and says where, or why not. Never rejects. */
  readonly save: SaveConnection = (record, form) =>
    this.#ask<string>((id) => ({ kind: "save", id, record, form })).catch(
      (error: Error) => `not saved: ${error.message}`,
    );

  /** Ends a capture in good order: `run` is done when all that came has been read. */
  endCapture(): void {
    this.#link.ask({ kind: "endCapture" });
  }

  #ask<T>(question: (id: number) => Question): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise<T>((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve: resolve as (value: never) => void, reject });
      this.#link.ask(question(id));
    });
  }

  #hear(answer: Answer): void {
    if (answer.kind === "ended") {
      this.#markEnded();
      if (answer.failure === null) this.#ending?.resolve(undefined as never);
      else this.#ending?.reject(new Error(answer.failure));
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === "answer") waiting?.resolve(answer.value as never);
    else waiting?.reject(new Error(answer.message));
  }

  /** The thread is gone: nothing that was asked will be answered. */
  #fail(error: Error): void {
    this.#failure = error;
    this.#markEnded();
    this.#ending?.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** An analysis that has not begun to read. */
type Runnable = AnalysisView & {
  run(signal?: AbortSignal): Promise<void>;
  worst(count: number): readonly ConnectionRecord[];
};

/** An analysis that answers questions. */
export class Engine {
  readonly #analysis: Runnable;
  readonly #tell: (answer: Answer) => void;
  readonly #save: SaveConnection;
  readonly #endCapture: () => void;
  readonly #stop = new AbortController();
  /** Before this a summary is not made again, while the reading goes on. */
  #nextSummaryMs = 0;
  #isEnded = false;

  /** `endCapture`: ends what the analysis reads, where that is a capture. */
  constructor(
    analysis: Runnable,
    tell: (answer: Answer) => void,
    save: SaveConnection,
    endCapture: () => void = () => undefined,
  ) {
    this.#analysis = analysis;
    this.#tell = tell;
    this.#save = save;
    this.#endCapture = endCapture;
  }

  /** Takes a question; its answer may come later. */
  hear(question: Question): void {
    if (question.kind === "run") void this.#run();
    else if (question.kind === "stop") this.#stop.abort();
    else if (question.kind === "endCapture") this.#endCapture();
    else void this.#answer(question.id, () => this.#valueOf(question));
  }

  async #run(): Promise<void> {
    try {
      await this.#analysis.run(this.#stop.signal);
      this.#end(null);
    } catch (error) {
      this.#end(wordsOf(error));
    }
  }

  #end(failure: string | null): void {
    this.#isEnded = true;
    this.#tell({ kind: "ended", failure });
  }

  #look(): Look {
    const nowMs = performance.now();
    if (!this.#isEnded && nowMs < this.#nextSummaryMs) return { ...momentOf(this.#analysis), summary: null };
    const state = stateOf(this.#analysis);
    this.#nextSummaryMs = nowMs + PAUSE_PER_SUMMARY * (performance.now() - nowMs);
    return state;
  }

  async #answer(id: number, value: () => Promise<Value>): Promise<void> {
    try {
      this.#tell({ kind: "answer", id, value: await value() });
    } catch (error) {
      this.#tell({ kind: "refused", id, message: wordsOf(error) });
    }
  }

  #valueOf(question: Extract<Question, { id: number }>): Promise<Value> {
    if (question.kind === "page") return this.#analysis.page(question.query);
    if (question.kind === "ladder") return this.#analysis.ladder(question.connection);
    if (question.kind === "save") return this.#save(question.record, question.form);
    if (question.kind === "worst") return Promise.resolve(this.#analysis.worst(question.count));
    return Promise.resolve(this.#look());
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
