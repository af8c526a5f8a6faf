/**
 * The columns of the connection table for a width: as wide as the widest address seen so far, never narrower again.
 */
import { useMemo, useRef } from "react";
import type { ConnectionRecord } from "../../report/record.js";
import { type Column, columnsFor, type EndpointWidths, widenEndpoints } from "../connection-columns.js";

/** Columns for `width` characters that have room for `rows` and all rows before them. */
export function useColumns(width: number, rows: readonly ConnectionRecord[]): readonly Column[] {
  const seen = useRef<EndpointWidths | null>(null);
  // Only ever widened, so that drawing twice gives the same columns.
  seen.current = widenEndpoints(seen.current, rows);
  const { client, server } = seen.current;
  return useMemo(() => columnsFor(width, { client, server }), [width, client, server]);
}
