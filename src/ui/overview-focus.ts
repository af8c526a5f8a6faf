/**
 * What the overview is about, as its keys choose it.
 */

/** What stands in the lower pane; where there is room the timeline stays beside the hosts. */
export const LOWER_PANES = ["timeline", "servers", "clients"] as const;

export interface OverviewFocus {
  /** Index into HANDSHAKE_TIMES: the time of handshakes whose spread is shown. */
  readonly time: number;
  readonly lower: (typeof LOWER_PANES)[number];
}

export const FIRST_FOCUS: OverviewFocus = { time: 0, lower: "timeline" };
