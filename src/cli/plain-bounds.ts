/** What the command line says of an analysis as plain values, which another thread can be told. */
import type { InputOptions } from "../index.js";
import type { CommandLine } from "./options.js";

/** What is read of the files. */
export function inputOf({ from, to }: CommandLine): InputOptions {
  return from === null && to === null ? {} : { span: { from, to } };
}

/** Bounds and timers, and what is read. */
export function plainBounds(line: CommandLine) {
  return {
    keptInMemory: line.keep,
    mostConnections: line.maxConnections,
    idleNs: line.idleSeconds * 1e9,
    mslNs: line.mslSeconds * 1e9,
    checksums: line.checksums,
    ...inputOf(line),
  };
}
