/**
 * A process of its own that answers one question only: which process has a socket open. It is begun while the program
 * has the rights of root, which looking into other users' processes needs, keeps them, and ends with the program.
 *
 * A line with numbers of inodes in, a line of JSON out: for each that was found its inode, process number and name.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createInterface } from "node:readline";

/** An owner, as it crosses. */
export type OwnerLine = readonly (readonly [inode: number, pid: number, name: string])[];

const LONGEST_LINE = 1_000_000;

// The terminal's signals are for the program; without it standard input ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.stdout.on("error", () => process.exit(0));

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const wanted = new Set(line.slice(0, LONGEST_LINE).split(" ").map(Number).filter(Number.isSafeInteger));
    process.stdout.write(`${JSON.stringify(ownersOf(wanted))}\n`);
  })
  .on("close", () => process.exit(0));

function ownersOf(wanted: Set<number>): OwnerLine {
  const found: [number, number, string][] = [];
  for (const pid of listOf("/proc")) {
    if (wanted.size === 0) break;
    if (!/^\d+$/.test(pid)) continue;
    for (const descriptor of listOf(`/proc/${pid}/fd`)) {
      const inode = socketBehind(`/proc/${pid}/fd/${descriptor}`);
      // Where several have it open the first one will do: it was there before its children.
      if (inode === null || !wanted.delete(inode)) continue;
      found.push([inode, Number(pid), nameOf(pid)]);
    }
  }
  return found;
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function socketBehind(path: string): number | null {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
    return inode === undefined ? null : Number(inode);
  } catch {
    return null;
  }
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}
