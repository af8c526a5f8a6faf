/** Which process has a socket open: asked of a process of its own (../owners.ts), remembered by inode. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

export interface Owner {
  readonly pid: number;
  readonly name: string;
}

/** Inodes asked for at once, and remembered. */
const MOST_ASKED = 5000;
const MOST_KEPT = 100_000;

export class Owners {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  /** Null for one that nobody was found to have open. */
  readonly #known = new Map<number, Owner | null>();
  #isAsking = false;
  #isGone = false;

  /** Begins the process with the rights that this one has now. */
  constructor(entry = new URL("./owners.js", import.meta.url)) {
    this.#child = spawn(process.execPath, ["--max-old-space-size=64", fileURLToPath(entry)], {
      env: {},
      cwd: "/",
      stdio: ["pipe", "pipe", "ignore"],
    });
    const gone = (): void => {
      this.#isGone = true;
    };
    this.#child.on("error", gone).on("exit", gone);
    this.#child.stdin.on("error", gone);
    // It is no reason for this process to stay.
    this.#child.unref();
    (this.#child.stdin as unknown as { unref(): void }).unref();
    (this.#child.stdout as unknown as { unref(): void }).unref();
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#take(line));
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** The owner as far as it is known; null where it is not. */
  of(inode: number): Owner | null {
    return this.#known.get(inode) ?? null;
  }

  /** Asks for those that are not known yet; the answer is there at a later look. */
  ask(inodes: Iterable<number>): void {
    if (this.#isAsking || this.#isGone) return;
    const unknown: number[] = [];
    for (const inode of inodes) {
      if (inode === 0 || this.#known.has(inode)) continue;
      unknown.push(inode);
      if (unknown.length >= MOST_ASKED) break;
    }
    if (unknown.length === 0) return;
    this.#isAsking = true;
    for (const inode of unknown) this.#remember(inode, null);
    this.#child.stdin.write(`${unknown.join(" ")}\n`);
  }

  /** Ends the process. */
  close(): void {
    this.#child.stdin.end();
  }

  #take(line: string): void {
    this.#isAsking = false;
    for (const [inode, pid, name] of JSON.parse(line) as [number, number, string][])
      this.#remember(inode, { pid, name });
  }

  #remember(inode: number, owner: Owner | null): void {
    this.#known.delete(inode);
    this.#known.set(inode, owner);
    if (this.#known.size > MOST_KEPT) this.#known.delete(this.#known.keys().next().value!);
  }
}
