/** The interfaces that can be captured from, as `-D` lists them. */
import { type LocalInterface, localInterfaces, printable } from "../index.js";

/** Writes the list; the exit status. */
export function listInterfaces(): number {
  process.stdout.write(interfaceList(localInterfaces()));
  return 0;
}

/** A line for each: the name, whether it is up, its addresses. */
export function interfaceList(interfaces: readonly LocalInterface[]): string {
  const width = Math.max(0, ...interfaces.map(({ name }) => printable(name).length));
  return interfaces
    .map(({ name, isUp, isLoopback, addresses }) => {
      const state = `${isUp ? "up" : "down"}${isLoopback ? ", loopback" : ""}`;
      return `${printable(name).padEnd(width)}  ${state.padEnd(14)}  ${addresses.join("  ")}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join("");
}
