/** Has an analysis of a capture told of this host's own sockets, for as long as it runs. */

import type { OpenEnds, SocketView } from "../report/socket-view.js";
import { Owners } from "./owners.js";
import { type AddressWriter, readProcSockets } from "./proc-sockets.js";
import { SockDiag } from "./sock-diag.js";
import { SocketWatch } from "./socket-watch.js";

const EVERY_MS = 1000;
/** Looking takes at most one part in so many of the time. */
const PART_OF_TIME = 20;

/** What the analysis offers for it. */
export interface WatchedAnalysis {
  openEnds(): OpenEnds;
  watchSockets(view: SocketView): void;
}

/** Begins while there still are the rights to see all processes; ends when it is called. Linux alone tells of sockets. */
export function watchSockets(analysis: WatchedAnalysis, write: AddressWriter): () => void {
  if (process.platform !== "linux") return () => undefined;
  const owners = new Owners();
  const kernel = SockDiag.open();
  const watch = new SocketWatch(owners);
  analysis.watchSockets(watch);
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const startedAt = performance.now();
    watch.look(kernel?.read(write) ?? readProcSockets(write), analysis.openEnds(), startedAt);
    const pause = Math.max(EVERY_MS, PART_OF_TIME * (performance.now() - startedAt));
    timer = setTimeout(look, pause).unref();
  };
  timer = setTimeout(look, EVERY_MS / 2).unref();
  return () => {
    clearTimeout(timer);
    owners.close();
  };
}
