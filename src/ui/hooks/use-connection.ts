/**
 * The opened connection: which one, its ladder, how far it is scrolled, and how its screen is divided.
 *
 * It is opened from the table, or as an example of a finding: then the ladder begins where the finding's packets are.
 */
import { useContext, useEffect, useMemo, useState } from "react";
import type { Finding } from "../../report/finding.js";
import type { Frame } from "../../report/frame.js";
import { busierSide } from "../../report/plot.js";
import type { ConnectionRecord, Side } from "../../report/record.js";
import type { AnalysisView } from "../../report/view.js";
import { firstLineOf, ladderLength } from "../ladder-lines.js";
import { type ConnectionLayout, layOutConnection, tellConnection } from "../screens/connection.js";
import { ThemeContext } from "../theme.js";
import { type LadderState, useLadder } from "./use-ladder.js";

/** The finding that a connection was opened for. */
export interface Evidence {
  readonly finding: Finding;
  /** Index of the connection among its examples. */
  readonly example: number;
}

export interface OpenedConnection {
  /** The connection as its ladder tells it, or else as it was opened; null before either is there. */
  readonly record: ConnectionRecord | null;
  readonly evidence: Evidence | null;
  /** The packets of the finding that it was opened for. */
  readonly marked: readonly Frame[];
  readonly ladder: LadderState;
  /** What happened to it, in lines as wide as the screen. */
  readonly story: readonly string[];
  readonly layout: ConnectionLayout;
  /** First line of the ladder that is shown. */
  readonly scroll: number;
  /** Opens a connection at its beginning; one that is open already stays where it is. */
  readonly open: (record: ConnectionRecord) => void;
  /** Opens an example of a finding; nothing where there is no such example. */
  readonly openExample: (finding: Finding, example: number) => void;
  readonly scrollBy: (lines: number) => void;
  readonly toggleZoom: () => void;
  /** Whose bytes are shown as curves in the ladder's place; null where the ladder is shown. */
  readonly plotted: Side | null;
  readonly togglePlot: () => void;
  /** Shows the curves of the other side's bytes. */
  readonly turnPlot: () => void;
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

interface Opened {
  readonly id: string;
  readonly record: ConnectionRecord | null;
  readonly evidence: Evidence | null;
}

/** Lines of the ladder that stay in sight above the first packet of a finding. */
const CONTEXT_LINES = 2;

/** Keeps the opened connection. */
export function useConnection(context: ConnectionContext): OpenedConnection {
  const { view, isReading, isShown, selected, width, height } = context;
  const [opened, setOpened] = useState<Opened | null>(null);
  // Null before it was scrolled: at the beginning, or at the first packet of the finding.
  const [scrolled, setScrolled] = useState<number | null>(null);
  const [isZoomed, setZoomed] = useState(false);
  const [isPlot, setPlot] = useState(false);
  // Null before it was turned: the side that sent more.
  const [turned, setTurned] = useState<Side | null>(null);
  const ladder = useLadder(view, opened?.id ?? null, isReading, isShown);
  useEffect(() => {
    if (isShown && opened === null && selected !== null)
      setOpened({ id: selected.id, record: selected, evidence: null });
  }, [isShown, opened, selected]);

  const { glyphs } = useContext(ThemeContext);
  const evidence = opened?.evidence ?? null;
  const record = ladder.ladder?.record ?? opened?.record ?? null;
  const story = useMemo(
    () => (record === null ? [] : tellConnection(record, ladder.ladder, width, glyphs)),
    [record, ladder.ladder, width, glyphs],
  );
  const busier = useMemo(() => busierSide(ladder.ladder?.rows ?? []), [ladder.ladder]);
  const plotted = isPlot ? (turned ?? busier) : null;
  const layout = layOutConnection(width, height, isZoomed || isPlot, story.length, evidence !== null);
  const lines = layout.ladderHeight - 1;
  const length = ladder.ladder === null ? 0 : ladderLength(ladder.ladder, layout.ladderWidth, glyphs);
  const last = Math.max(0, length - lines);
  const marked = evidence?.finding.examples[evidence.example]?.frames ?? [];
  const first =
    ladder.ladder === null
      ? 0
      : firstLineOf(ladder.ladder, marked, layout.ladderWidth, glyphs) - CONTEXT_LINES;
  const scroll = Math.max(0, Math.min(last, scrolled ?? first));
  return {
    record,
    evidence,
    marked,
    ladder,
    story,
    layout,
    scroll,
    open: (next) => {
      setScrolled(next.id === opened?.id ? scroll : null);
      if (next.id !== opened?.id) setTurned(null);
      setOpened({ id: next.id, record: next, evidence: null });
    },
    openExample: (finding, example) => {
      const id = finding.examples[example]?.connection;
      if (id === undefined) return;
      setScrolled(null);
      setTurned(null);
      setOpened({ id, record: null, evidence: { finding, example } });
    },
    scrollBy: (by) => setScrolled(Math.max(0, Math.min(last, scroll + by))),
    toggleZoom: () => setZoomed((zoomed) => !zoomed),
    plotted,
    togglePlot: () => setPlot((plot) => !plot),
    turnPlot: () => setTurned((turned ?? busier) === "client" ? "server" : "client"),
  };
}
