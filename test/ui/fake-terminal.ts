/**
 * A terminal for tests: a screen of a given size that understands what the frame writer sends, and a keyboard.
 *
 * It is strict: a sequence that it does not know is an error, so that nothing unexpected reaches a real terminal.
 */
import { EventEmitter } from "node:events";
import type { TerminalOutput } from "../../src/ui/frame-writer.js";
import type { Keyboard } from "../../src/ui/terminal.js";

const SEQUENCE = /\x1b\[(\??[\d;]*)([A-Za-z])|([^\x1b]+)/g;

export class FakeScreen extends EventEmitter implements TerminalOutput {
  columns: number;
  rows: number;
  writes = 0;
  bytes = 0;
  #lines: string[] = [];
  #styled: string[] = [];
  #row = 0;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    this.writes++;
    this.bytes += text.length;
    let consumed = 0;
    for (const match of text.matchAll(SEQUENCE)) {
      if (match.index !== consumed)
        throw new Error(`unknown sequence at ${JSON.stringify(text.slice(consumed, consumed + 20))}`);
      consumed = match.index + match[0].length;
      if (match[3] !== undefined) this.#print(match[3]);
      else this.#control(match[1]!, match[2]!, match[0]);
    }
    return true;
  }

  /** What a person sees, without blanks at the ends of lines. */
  text(): string {
    return `${this.#lines
      .slice(0, this.rows)
      .map((line) => (line ?? "").trimEnd())
      .join("\n")
      .trimEnd()}\n`;
  }

  /** The same with the colours and attributes of each line. */
  styled(): string {
    return this.#styled.join("\n");
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emit("resize");
  }

  #print(text: string): void {
    if (/[\x00-\x1f\x7f]/.test(text)) throw new Error(`control character printed: ${JSON.stringify(text)}`);
    const line = (this.#lines[this.#row] ?? "") + text;
    if (line.length > this.columns) throw new Error(`line ${this.#row + 1} is ${line.length} wide: ${line}`);
    if (this.#row >= this.rows) throw new Error(`line ${this.#row + 1} is below the screen`);
    this.#lines[this.#row] = line;
    this.#styled[this.#row] = (this.#styled[this.#row] ?? "") + text;
  }

  #control(parameters: string, final: string, whole: string): void {
    if (final === "H") {
      this.#row = Number(parameters.split(";")[0] || 1) - 1;
      this.#lines[this.#row] = "";
      this.#styled[this.#row] = "";
    } else if (final === "J") {
      this.#lines = [];
      this.#styled = [];
    } else if (final === "m") this.#styled[this.#row] = (this.#styled[this.#row] ?? "") + whole;
    else if (final !== "K" && !parameters.startsWith("?2026"))
      throw new Error(`unknown control ${JSON.stringify(whole)}`);
  }
}

/** Standard input as Ink uses it: a terminal in raw mode that delivers what a test types. */
export class FakeKeyboard extends EventEmitter {
  readonly isTTY = true;
  isRaw = false;
  #pending: string[] = [];

  type(text: string): void {
    this.#pending.push(text);
    this.emit("readable");
  }

  read(): string | null {
    return this.#pending.shift() ?? null;
  }

  setRawMode(isRaw: boolean): void {
    this.isRaw = isRaw;
  }

  setEncoding(): void {}
  ref(): void {}
  unref(): void {}

  asKeyboard(): Keyboard {
    return this as unknown as Keyboard;
  }
}
