/**
 * An analysis as a screen follows it: running, at most ten looks a second, one last look at its end, then silent.
 *
 * The only timer of the user interface; it ends with the reading. A look that costs much makes the next come later,
 * so that looking never takes more than about a tenth of the time. Nothing is copied: the screens ask the view.
 */
import type { AnalysisView } from "../report/view.js";

/** An analysis that has not begun to read. */
export type RunnableAnalysis = AnalysisView & {
  run(signal?: AbortSignal): Promise<void>;
  /** Fetches what `progress` and `summary` tell, where the analysis runs elsewhere. */
  look?(): Promise<void>;
};

/** What the reading is at. `version` grows with every look. */
export interface LiveState {
  readonly version: number;
  readonly isReading: boolean;
  /** What `run` was rejected with, in words, or null. */
  readonly failure: string | null;
}

const LEAST_PAUSE_MS = 100;
/** Pause after a look, as a multiple of what the look cost. */
const PAUSE_PER_COST = 10;

export class LiveAnalysis {
  readonly view: RunnableAnalysis;
  readonly #listeners = new Set<() => void>();
  readonly #stop = new AbortController();
  #state: LiveState = { version: 0, isReading: true, failure: null };
  #timer: NodeJS.Timeout | null = null;
  #lastLook: NodeJS.Immediate | null = null;
  #isStopped = false;

  constructor(view: RunnableAnalysis) {
    this.view = view;
  }

  /** Reads to the end, telling the listeners meanwhile; rejects with what the reading was rejected with. */
  async run(): Promise<void> {
    this.#lookLater(LEAST_PAUSE_MS);
    try {
      await this.view.run(this.#stop.signal);
      await this.view.look?.();
      this.#end(null);
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /** Stops the reading, as far as it has come. */
  stop(): void {
    this.#isStopped = true;
    this.#stop.abort();
    this.#forgetLooks();
    this.#listeners.clear();
  }

  readonly state = (): LiveState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #end(failure: string | null): void {
    this.#forgetLooks();
    this.#tell({ version: this.#state.version + 1, isReading: false, failure });
    if (this.#isStopped) return;
    // What was asked for in the same turn as the end may still have been answered from before it: nobody would ask
    // again. The state is kept as it is but for its version.
    this.#lastLook = setImmediate(() => {
      this.#lastLook = null;
      this.#tell({ ...this.#state, version: this.#state.version + 1 });
    });
  }

  #forgetLooks(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#lastLook !== null) clearImmediate(this.#lastLook);
    this.#timer = null;
    this.#lastLook = null;
  }

  #lookLater(pauseMs: number): void {
    this.#timer = setTimeout(() => {
      const { view } = this;
      this.#timer = null;
      // Without it nothing is waited for: a look is then one with the turn in which it is due.
      if (!view.look) this.#lookNow();
      else
        view.look().then(
          () => this.#state.isReading && this.#lookNow(),
          // Whatever it is, the reading fails with it as well.
          () => undefined,
        );
    }, pauseMs);
  }

  #lookNow(): void {
    const before = performance.now();
    this.#tell({ ...this.#state, version: this.#state.version + 1 });
    if (this.#isStopped || !this.#state.isReading) return;
    this.#lookLater(Math.max(LEAST_PAUSE_MS, PAUSE_PER_COST * (performance.now() - before)));
  }

  #tell(state: LiveState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}
