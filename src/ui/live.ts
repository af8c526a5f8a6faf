/**
 * An analysis as a screen follows it: running, at most ten looks a second, one last look at its end, then silent.
 *
 * The only timer of the user interface; it ends with the reading. A look that costs much makes the next come later,
 * so that looking never takes more than about a tenth of the time; a capture of many packets is looked at twice a second,
 * and leaves the processors to them. Nothing is copied: the screens ask the view.
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
  /** Whether what is shown stands still while the reading goes on. */
  readonly isPaused: boolean;
  /** What `run` was rejected with, in words, or null. */
  readonly failure: string | null;
}

const LEAST_PAUSE_MS = 100;
/** A capture of more packets a second than this is looked at every so often. */
const BUSY_PACKETS_PER_SECOND = 50_000;
const BUSY_PAUSE_MS = 500;
/** Pause after a look, as a multiple of what the look cost. */
const PAUSE_PER_COST = 10;

export class LiveAnalysis {
  readonly view: RunnableAnalysis;
  readonly #listeners = new Set<() => void>();
  readonly #stop = new AbortController();
  #state: LiveState = { version: 0, isReading: true, isPaused: false, failure: null };
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

  /** Lets what is shown stand still, or go on; the reading is not stopped. */
  togglePause(): void {
    if (!this.#state.isReading) return;
    const isPaused = !this.#state.isPaused;
    this.#tell({ ...this.#state, isPaused });
    if (isPaused) this.#forgetLooks();
    else this.#lookLater(0);
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
    this.#tell({ version: this.#state.version + 1, isReading: false, isPaused: false, failure });
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
          () => this.#state.isReading && !this.#state.isPaused && this.#lookNow(),
          // Whatever it is, the reading fails with it as well.
          () => undefined,
        );
    }, pauseMs);
  }

  #lookNow(): void {
    const before = performance.now();
    this.#tell({ ...this.#state, version: this.#state.version + 1 });
    if (this.#isStopped || !this.#state.isReading) return;
    this.#lookLater(Math.max(this.#leastPauseMs(), PAUSE_PER_COST * (performance.now() - before)));
  }

  #leastPauseMs(): number {
    const { capturing, packetsPerSecond } = this.view.progress();
    return capturing !== null && packetsPerSecond > BUSY_PACKETS_PER_SECOND ? BUSY_PAUSE_MS : LEAST_PAUSE_MS;
  }

  #tell(state: LiveState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}
