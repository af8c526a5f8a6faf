/**
 * An analysis in another thread, and the view of it that a screen has here: it asks for pages and ladders, and looks at
 * progress and summary when it wants to. Nothing else crosses, and a chunk under way never holds up a key.
 *
 * `RemoteAnalysis` is the side of the screen, `Engine` that of the analysis. Neither knows how messages travel.
 */
import type { CaptureSummary } from "./report/summary.js";
import type { AnalysisView, Ladder, Page, PageQuery, Progress } from "./report/view.js";

/** What a screen shows of an analysis without asking for it. */
export interface EngineState {
  readonly progress: Progress;
  readonly summary: CaptureSummary;
}

/** What is asked of the engine; `id` comes back with the answer. */
export type Question =
  | { readonly kind: "run" }
  | { readonly kind: "stop" }
  | { readonly kind: "look"; readonly id: number }
  | { readonly kind: "page"; readonly id: number; readonly query: PageQuery }
  | { readonly kind: "ladder"; readonly id: number; readonly connection: string };

export type Answer =
  | { readonly kind: "answer"; readonly id: number; readonly value: EngineState | Page | Ladder }
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

  /** Fetches what `progress` and `summary` then tell. */
  async look(): Promise<void> {
    this.#state = await this.#ask<EngineState>((id) => ({ kind: "look", id }));
  }

  progress(): Progress {
    return this.#state.progress;
  }

  summary(): CaptureSummary {
    return this.#state.summary;
  }

  page(query: PageQuery): Promise<Page> {
    return this.#ask<Page>((id) => ({ kind: "page", id, query }));
  }

  ladder(connection: string): Promise<Ladder> {
    return this.#ask<Ladder>((id) => ({ kind: "ladder", id, connection }));
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
    this.#ending?.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** An analysis that answers questions. */
export class Engine {
  readonly #analysis: AnalysisView & { run(signal?: AbortSignal): Promise<void> };
  readonly #tell: (answer: Answer) => void;
  readonly #stop = new AbortController();

  constructor(
    analysis: AnalysisView & { run(signal?: AbortSignal): Promise<void> },
    tell: (answer: Answer) => void,
  ) {
    this.#analysis = analysis;
    this.#tell = tell;
  }

  /** Takes a question; its answer may come later. */
  hear(question: Question): void {
    if (question.kind === "run") void this.#run();
    else if (question.kind === "stop") this.#stop.abort();
    else void this.#answer(question.id, () => this.#valueOf(question));
  }

  async #run(): Promise<void> {
    try {
      await this.#analysis.run(this.#stop.signal);
      this.#tell({ kind: "ended", failure: null });
    } catch (error) {
      this.#tell({ kind: "ended", failure: wordsOf(error) });
    }
  }

  async #answer(id: number, value: () => Promise<EngineState | Page | Ladder>): Promise<void> {
    try {
      this.#tell({ kind: "answer", id, value: await value() });
    } catch (error) {
      this.#tell({ kind: "refused", id, message: wordsOf(error) });
    }
  }

  #valueOf(question: Extract<Question, { id: number }>): Promise<EngineState | Page | Ladder> {
    if (question.kind === "page") return this.#analysis.page(question.query);
    if (question.kind === "ladder") return this.#analysis.ladder(question.connection);
    return Promise.resolve({ progress: this.#analysis.progress(), summary: this.#analysis.summary() });
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
