/**
 * A pane: lines below each other in a box of fixed size.
 */
import { Box } from "ink";
import type { Span } from "../spans.js";
import { Line } from "./line.js";

export interface LinesProps {
  readonly lines: readonly (readonly Span[])[];
  /** Characters in a line. */
  readonly width: number;
  /** Lines shown; missing ones stay blank, further ones are left out. */
  readonly height: number;
}

export function Lines({ lines, width, height }: LinesProps) {
  return (
    <Box flexDirection="column" width={width} height={Math.max(0, height)} flexShrink={0} overflow="hidden">
      {lines.slice(0, Math.max(0, height)).map((spans, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line of a screen is its place
        <Line key={index} spans={spans} width={width} />
      ))}
    </Box>
  );
}
