/**
 * The state of the reading, as React follows it: a render for each look, none when nothing is read any more.
 */
import { useSyncExternalStore } from "react";
import type { LiveAnalysis, LiveState } from "../live.js";

/** Follows `live`. */
export function useLive(live: LiveAnalysis): LiveState {
  return useSyncExternalStore(live.subscribe, live.state);
}
