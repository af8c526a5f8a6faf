/**
 * The size of the terminal, followed as it changes.
 */
import { useEffect, useState } from "react";
import type { ResizableSize } from "../frame-writer.js";

/** Size of a terminal in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Follows the size of `screen`. */
export function useTerminalSize(screen: ResizableSize): TerminalSize {
  const [size, setSize] = useState<TerminalSize>(() => ({ columns: screen.columns, rows: screen.rows }));
  useEffect(() => {
    // A new object each time: a terminal that reports the same size again still wants a new frame.
    return screen.onResize(() => setSize({ columns: screen.columns, rows: screen.rows }));
  }, [screen]);
  return size;
}
