/**
 * What the application holds, put together: the screens' states, and the summary that all of them are shown with.
 */
import { useMemo, useState } from "react";
import type { CaptureSummary } from "../../report/summary.js";
import type { Controls } from "../commands.js";
import type { ScreenName } from "../keys.js";
import type { LiveAnalysis, LiveState } from "../live.js";
import { FIRST_FOCUS } from "../overview-focus.js";
import { CONNECTIONS_MARGIN } from "../screens/connections.js";
import { findingsMargin } from "../screens/findings.js";
import { SERVERS_MARGIN } from "../screens/servers.js";
import { useColumns } from "./use-columns.js";
import { useConnection } from "./use-connection.js";
import { useFindings } from "./use-findings.js";
import { useHosts } from "./use-hosts.js";
import type { Actions } from "./use-keys.js";
import { useNews } from "./use-news.js";
import { useTable } from "./use-table.js";

export interface Held {
  readonly controls: Controls;
  readonly summary: CaptureSummary;
  /** What the last command had to say, or null. */
  readonly notice: string | null;
}

/** Keeps it for screens of `width` × `height`, as the reading stands in `state`. */
export function useControls(
  live: LiveAnalysis,
  actions: Actions,
  { version, isReading }: LiveState,
  width: number,
  height: number,
): Held {
  const [screen, setScreen] = useState<ScreenName>("overview");
  const [trail, setTrail] = useState<readonly ScreenName[]>([]);
  const [isHelp, setHelp] = useState(false);
  const [notice, setNotice] = useState<string | null>(null);
  const [focus, setFocus] = useState(FIRST_FOCUS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a summary is made anew for each look
  const summary = useMemo(() => live.view.summary(), [live, version]);
  const tableHeight = Math.max(1, height - CONNECTIONS_MARGIN);
  // The third screen needs the table too: for its neighbours, and for the cursor where nothing was opened.
  const isTableUsed = screen === "connections" || screen === "connection";
  const table = useTable(live.view, tableHeight, version, isTableUsed);
  const columns = useColumns(width, table.loaded?.page.rows ?? []);
  const isShown = screen === "connection";
  const { selected } = table;
  const connection = useConnection({ view: live.view, isReading, isShown, selected, width, height });
  const findingsHeight = Math.max(1, height - findingsMargin(summary));
  const findings = useFindings(summary.findings, width, findingsHeight);
  const hosts = useHosts(summary, height - SERVERS_MARGIN);
  const traffic = live.view.traffic();
  const news = useNews(summary, traffic !== null);
  const controls: Controls = {
    live,
    actions,
    screen,
    setScreen,
    trail,
    setTrail,
    isHelp,
    setHelp,
    table,
    tableHeight,
    columns,
    connection,
    findings,
    findingsHeight,
    hosts,
    traffic,
    news,
    setNotice,
    focus,
    setFocus,
  };
  return { controls, summary, notice };
}
