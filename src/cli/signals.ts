/**
 * Signals while a report is being made: the first stops reading, and what was read is reported; the second ends at once.
 *
 * A capture has no end of its own: there the first SIGINT or SIGTERM is what it is meant to end with.
 */

/** Exit statuses: 128 and the signal's number, as shells give them. */
export const SIGNAL_STATUSES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export interface Interruption {
  readonly signal: AbortSignal;
  /** Aborted by the first signal in place of the reading, where a file is followed. */
  readonly follow: AbortSignal | null;
  /** The status to exit with because a signal came, or null. */
  status(): number | null;
  /** From now on the first signal calls this instead, and only SIGHUP is a status to exit with. */
  endInstead(end: () => void): void;
  /** Lets signals end the process again as they do by default. */
  release(): void;
}

/** Begins to catch SIGINT, SIGTERM and SIGHUP. */
export function catchSignals(following: AbortController | null = null): Interruption {
  const controller = new AbortController();
  let status: number | null = null;
  let end: (() => void) | null = null;
  let isEnding = false;
  const names = Object.keys(SIGNAL_STATUSES) as (keyof typeof SIGNAL_STATUSES)[];
  const handle = (name: NodeJS.Signals): void => {
    if (following !== null && !following.signal.aborted) {
      following.abort();
      return;
    }
    const caught = SIGNAL_STATUSES[name as keyof typeof SIGNAL_STATUSES];
    if (status !== null || isEnding) process.exit(caught);
    if (end === null || name === "SIGHUP") status = caught;
    isEnding = true;
    if (end === null) controller.abort();
    else end();
  };
  for (const name of names) process.on(name, handle);
  return {
    signal: controller.signal,
    follow: following?.signal ?? null,
    status: () => status,
    endInstead: (instead) => {
      end = instead;
    },
    release: () => {
      for (const name of names) process.off(name, handle);
    },
  };
}
