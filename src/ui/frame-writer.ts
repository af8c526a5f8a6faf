/**
 * Puts Ink's frames on the terminal: only the lines that changed, each at its own place, in one write.
 *
 * Ink's own incremental writer counts lines from where the cursor was left, so a terminal that was resized or scrolled
 * by something else stays wrong; here every line is addressed absolutely and a resize draws everything again. Stands
 * where Ink expects its output stream (with `debug`, Ink hands over whole frames). Never writes outside of the frame.
 */

/** The part of a terminal's output that is needed here. */
export interface TerminalOutput {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

/** A size in characters that may change. */
export interface ResizableSize {
  readonly columns: number;
  readonly rows: number;
  onResize(listener: () => void): () => void;
}

const CLEAR = "\x1b[0m\x1b[2J";
/** Lets terminals that know it (DEC private mode 2026) show a frame at once; others ignore it. */
const BEGIN_FRAME = "\x1b[?2026h";
const END_FRAME = "\x1b[?2026l";

export class FrameWriter implements ResizableSize {
  /** Ink must not take this for a terminal: cursor and modes are not its business here. */
  readonly isTTY = false;
  readonly #output: TerminalOutput;
  readonly #listeners = new Set<() => void>();
  #shown: readonly string[] = [];
  #frame = "";
  #isWhole = false;
  #isOpen = true;

  constructor(output: TerminalOutput) {
    this.#output = output;
    output.on("resize", this.#resized);
  }

  get columns(): number {
    return this.#output.columns || 80;
  }

  get rows(): number {
    return this.#output.rows || 24;
  }

  /** Shows a frame: what Ink calls with the whole of it. Empty writes are Ink's barriers. */
  write(frame: string, done?: () => void): boolean {
    if (this.#isOpen && frame !== "") {
      this.#frame = frame;
      this.#draw();
    }
    // Later, as a stream would: Ink tells of a failed first frame only to those who ask after it.
    if (done) setImmediate(done);
    return true;
  }

  /** Draws everything again: after something else has written to the terminal. */
  redraw(): void {
    this.#isWhole = false;
    if (this.#isOpen && this.#frame !== "") this.#draw();
  }

  /** From here on nothing reaches the terminal any more. */
  close(): void {
    this.#isOpen = false;
    this.#output.off("resize", this.#resized);
  }

  /** Calls `listener` after each change of size; answers with what takes it off again. */
  onResize(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ink would draw the old frame at the new size; the screens follow `onResize` themselves. */
  on(): this {
    return this;
  }

  off(): this {
    return this;
  }

  readonly #resized = (): void => {
    this.#isWhole = false;
    for (const listener of [...this.#listeners]) listener();
  };

  #draw(): void {
    const lines = this.#frame.split("\n").slice(0, this.rows);
    const changes = this.#isWhole ? [] : [CLEAR];
    const height = Math.max(lines.length, this.#isWhole ? this.#shown.length : 0);
    for (let row = 0; row < height; row++) {
      const line = lines[row] ?? "";
      if (this.#isWhole && line === this.#shown[row]) continue;
      changes.push(`\x1b[${row + 1};1H${line}\x1b[0m\x1b[K`);
    }
    this.#shown = lines;
    this.#isWhole = true;
    if (changes.length > 0) this.#output.write(BEGIN_FRAME + changes.join("") + END_FRAME);
  }
}
