/**
 * The terminal itself: its alternate screen, its keyboard, and the promise that it is left as it was found.
 *
 * The only file of the user interface that knows Node. Leaving is synchronous and may be done twice: it has to work
 * from a signal, from an exit and from an uncaught error. What follows control sequences: ECMA-48 and xterm's.
 */
import { closeSync, openSync } from "node:fs";
import { ReadStream } from "node:tty";
import type { TerminalOutput } from "./frame-writer.js";

const ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J\x1b[H";
/** Attributes, cursor and autowrap as they are by default, then the screen as it was. */
const LEAVE = "\x1b[?2026l\x1b[0m\x1b[?25h\x1b[?1049l";

/** Exit statuses of the signals that end the program (128 + number). */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Where keys come from. */
export type Keyboard = ReadStream;

export class Terminal {
  readonly keyboard: Keyboard;
  readonly output: TerminalOutput;
  readonly #isOwnKeyboard: boolean;
  #isEntered = false;
  #onSignal: ((status: number) => void) | null = null;
  #onLeave: (() => void) | null = null;

  constructor() {
    this.output = process.stdout;
    // With the capture on standard input, the keys come from the controlling terminal.
    this.#isOwnKeyboard = !process.stdin.isTTY;
    this.keyboard = this.#isOwnKeyboard ? openControllingTerminal() : (process.stdin as Keyboard);
  }

  /**
   * Takes the screen over. `onSignal` is told the exit status that a signal asks for; `onLeave` has to see to it that
   * nothing is drawn any more, whatever else still happens.
   */
  enter(onSignal: (status: number) => void, onLeave: () => void): void {
    this.#onSignal = onSignal;
    this.#onLeave = onLeave;
    this.#isEntered = true;
    this.output.write(ENTER);
    for (const name of Object.keys(SIGNALS)) process.on(name, this.#signalled);
    process.on("exit", this.leave);
    // Told before Node prints the error: it then lands on the ordinary screen, and the exit status stays Node's.
    process.on("uncaughtExceptionMonitor", this.leave);
    // A terminal that is gone must not turn the way out into a second error.
    process.stdout.on("error", this.#ignore);
    this.keyboard.on("error", this.#hungUp);
    this.keyboard.on("end", this.#hungUp);
  }

  /** Gives the screen back: cursor visible, keyboard cooked. Does nothing the second time. */
  readonly leave = (): void => {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    this.#onLeave?.();
    for (const name of Object.keys(SIGNALS)) process.off(name, this.#signalled);
    process.off("exit", this.leave);
    process.off("uncaughtExceptionMonitor", this.leave);
    try {
      this.keyboard.setRawMode(false);
    } catch {
      // The terminal is gone: there is nothing to restore.
    }
    this.output.write(LEAVE);
    this.keyboard.off("end", this.#hungUp);
    if (this.#isOwnKeyboard) this.keyboard.destroy();
    else this.keyboard.pause();
  };

  /** Gives the screen back, stops the program as the shell's job control does, and returns when it is continued. */
  async suspend(): Promise<void> {
    this.keyboard.setRawMode(false);
    this.output.write(LEAVE);
    const continued = new Promise<void>((resolve) => process.once("SIGCONT", () => resolve()));
    process.kill(0, "SIGTSTP");
    await continued;
    this.keyboard.setRawMode(true);
    this.output.write(ENTER);
  }

  readonly #signalled = (name: string): void => {
    this.#onSignal?.(SIGNALS[name as keyof typeof SIGNALS]);
  };

  readonly #hungUp = (): void => {
    this.#onSignal?.(SIGNALS.SIGHUP);
  };

  readonly #ignore = (): void => {};
}

function openControllingTerminal(): Keyboard {
  const descriptor = openSync("/dev/tty", "r");
  try {
    return new ReadStream(descriptor);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}
