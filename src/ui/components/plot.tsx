/**
 * The curves of one connection, in the ladder's place.
 */
import { useContext, useMemo } from "react";
import { plotOf } from "../../report/plot.js";
import type { Side } from "../../report/record.js";
import type { Ladder } from "../../report/view.js";
import { plotLines } from "../plot-lines.js";
import { ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface PlotPaneProps {
  readonly ladder: Ladder;
  readonly side: Side;
  readonly width: number;
  readonly height: number;
}

export function PlotPane({ ladder, side, width, height }: PlotPaneProps) {
  const { glyphs } = useContext(ThemeContext);
  const plot = useMemo(() => plotOf(ladder.rows, side), [ladder.rows, side]);
  const lines = useMemo(() => plotLines(plot, width, height, glyphs), [plot, width, height, glyphs]);
  return <Lines lines={lines} width={width} height={height} />;
}
