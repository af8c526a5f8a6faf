/** The bounds of an analysis as plain values, which another thread can be told. */
import type { CommandLine } from "./options.js";

export function plainBounds(line: CommandLine) {
  return {
    keptInMemory: line.keep,
    mostConnections: line.maxConnections,
    idleNs: line.idleSeconds * 1e9,
    mslNs: line.mslSeconds * 1e9,
    checksums: line.checksums,
  };
}
