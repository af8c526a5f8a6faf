/**
 * The list of servers, or of clients, at work: which one the cursor is on, and the lines that are shown.
 */
import { useState } from "react";
import type { CaptureSummary, HostSummary } from "../../report/summary.js";
import { statesHeight } from "../components/host-states.js";
import { contain } from "../table-state.js";

export interface HostList {
  readonly isClients: boolean;
  /** The busiest first. */
  readonly all: readonly HostSummary[];
  /** Those that were counted and are not among them. */
  readonly omitted: number;
  /** Line of the cursor, and first line that is shown. */
  readonly index: number;
  readonly first: number;
  /** Lines that are shown. */
  readonly height: number;
  readonly selected: HostSummary | null;
  /** Moves the cursor by lines; beyond the ends it stays there. */
  readonly move: (by: number) => void;
  /** From servers to clients, and back. */
  readonly turn: () => void;
}

interface Place {
  readonly isClients: boolean;
  /** The host that the cursor holds on to; null before it was moved: then it stays at the busiest. */
  readonly name: string | null;
  readonly index: number;
  readonly first: number;
}

const TOP = { name: null, index: 0, first: 0 } as const;

/** Keeps a list over the hosts of the summary, in `room` lines with the states of the one under the cursor. */
export function useHosts(summary: CaptureSummary, room: number): HostList {
  const [place, setPlace] = useState<Place>({ isClients: false, ...TOP });
  const { isClients, name } = place;
  const all = isClients ? summary.clients : summary.servers;
  const height = Math.max(1, room - statesHeight(all, room));
  const at = name === null ? 0 : all.findIndex((host) => host.name === name);
  const index = at >= 0 ? at : Math.max(0, Math.min(place.index, all.length - 1));
  const first = contain(place.first, index, height, all.length);
  return {
    isClients,
    all,
    omitted: isClients ? summary.clientsOmitted : summary.serversOmitted,
    index,
    first,
    height,
    selected: all[index] ?? null,
    move: (by) => {
      const next = Math.max(0, Math.min(all.length - 1, index + by));
      const host = all[next];
      if (host === undefined || by === 0) return;
      setPlace({ isClients, name: host.name, index: next, first: contain(first, next, height, all.length) });
    },
    turn: () => setPlace({ isClients: !isClients, ...TOP }),
  };
}
