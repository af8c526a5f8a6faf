/**
 * The opened connection: which one, its ladder, how far it is scrolled, and how its screen is divided.
 */
import { useContext, useEffect, useMemo, useState } from "react";
import type { ConnectionRecord } from "../../report/record.js";
import type { AnalysisView } from "../../report/view.js";
import { ladderLength } from "../ladder-lines.js";
import { type ConnectionLayout, layOutConnection, tellConnection } from "../screens/connection.js";
import { ThemeContext } from "../theme.js";
import { type LadderState, useLadder } from "./use-ladder.js";

export interface OpenedConnection {
  readonly record: ConnectionRecord | null;
  readonly ladder: LadderState;
  /** What happened to it, in lines as wide as the screen. */
  readonly story: readonly string[];
  readonly layout: ConnectionLayout;
  /** First line of the ladder that is shown. */
  readonly scroll: number;
  /** Opens a connection at its beginning; one that is open already stays where it is. */
  readonly open: (record: ConnectionRecord) => void;
  readonly scrollBy: (lines: number) => void;
  readonly toggleZoom: () => void;
}

/** What the opened connection depends on. */
export interface ConnectionContext {
  readonly view: AnalysisView;
  readonly isReading: boolean;
  /** Whether its screen is shown; without, no ladder is read. */
  readonly isShown: boolean;
  /** The connection under the table's cursor: shown where none was opened. */
  readonly selected: ConnectionRecord | null;
  readonly width: number;
  readonly height: number;
}

/** Keeps the opened connection. */
export function useConnection(context: ConnectionContext): OpenedConnection {
  const { view, isReading, isShown, selected, width, height } = context;
  const [record, setRecord] = useState<ConnectionRecord | null>(null);
  const [scroll, setScroll] = useState(0);
  const [isZoomed, setZoomed] = useState(false);
  const ladder = useLadder(view, record?.id ?? null, isReading, isShown);
  useEffect(() => {
    if (isShown && record === null && selected !== null) setRecord(selected);
  }, [isShown, record, selected]);

  const { glyphs } = useContext(ThemeContext);
  const shown = ladder.ladder?.record ?? record;
  const story = useMemo(
    () => (shown === null ? [] : tellConnection(shown, ladder.ladder, width, glyphs)),
    [shown, ladder.ladder, width, glyphs],
  );
  const layout = layOutConnection(width, height, isZoomed, story.length);
  const length = ladder.ladder === null ? 0 : ladderLength(ladder.ladder, layout.ladderWidth, glyphs);
  const last = Math.max(0, length - (layout.ladderHeight - 1));
  return {
    record,
    ladder,
    story,
    layout,
    scroll: Math.min(scroll, last),
    open: (next) => {
      if (next.id !== record?.id) setScroll(0);
      setRecord(next);
    },
    scrollBy: (lines) => setScroll((from) => Math.max(0, Math.min(last, Math.min(from, last) + lines))),
    toggleZoom: () => setZoomed((zoomed) => !zoomed),
  };
}
