/**
 * The ladder of the opened connection: read when it is opened, and once more when the reading has ended.
 */
import { useEffect, useState } from "react";
import type { AnalysisView, Ladder } from "../../report/view.js";

/** What is known of a ladder: the wait for it, itself, or why there is none. */
export interface LadderState {
  readonly id: string | null;
  readonly ladder: Ladder | null;
  readonly failure: string | null;
}

const NOTHING: LadderState = { id: null, ladder: null, failure: null };

/** Reads the ladder of connection `id`; nothing where it is null or `isActive` is false. */
export function useLadder(
  view: AnalysisView,
  id: string | null,
  isReading: boolean,
  isActive: boolean,
): LadderState {
  const [state, setState] = useState<LadderState>(NOTHING);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the end of the reading is a reason to read again
  useEffect(() => {
    if (id === null || !isActive) return;
    let isWanted = true;
    view.ladder(id).then(
      (ladder) => isWanted && setState({ id, ladder, failure: null }),
      (error: unknown) => {
        const failure = error instanceof Error ? error.message : String(error);
        if (isWanted) setState({ id, ladder: null, failure });
      },
    );
    return () => {
      isWanted = false;
    };
  }, [view, id, isReading, isActive]);
  return state.id === id ? state : { ...NOTHING, id };
}
