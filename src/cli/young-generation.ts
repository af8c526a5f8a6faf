/**
 * Keeps the engine's memory for new objects small, where a report is written while its capture is read.
 *
 * A record that has been written is garbage at once, so that more room for new objects saves no work: the engine would take
 * up to 32 MB of it, of which 8 do. How far it grows can be told to a running engine, how large it may become only to
 * one that starts (node --max-semi-space-size); so it is let grow once, and then no more.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Both halves of it: what survives a collection is copied from one into the other. */
const ENOUGH_BYTES = 8 * 1024 * 1024;
/** It begins with an eighth of that, and grows once more has survived than one half holds. */
const GROWTH = "--semi-space-growth-factor";
const MOST_STEPS = 200;

/** Lets it grow to 8 MB and no further, from now on; takes some milliseconds. */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString(`${GROWTH}=4`);
  const survivors: unknown[] = [];
  for (let step = 0; step < MOST_STEPS && youngBytes() < ENOUGH_BYTES; step++)
    survivors.push(Array.from({ length: 64 }, () => new Array(32).fill(0)));
  setFlagsFromString(`${GROWTH}=1`);
}

function youngBytes(): number {
  return (
    getHeapSpaceStatistics().find((space) => space.space_name === "new_space")?.space_size ?? ENOUGH_BYTES
  );
}
