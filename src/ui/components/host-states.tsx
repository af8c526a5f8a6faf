/**
 * How many sockets of the host under the cursor stand in which state, now and at worst, drawn over the time of the capture;
 * the ports that a client holds; who closes first.
 */
import { useContext } from "react";
import { formatCount, pad, printable } from "../../output/format.js";
import { momentText } from "../../report/standing.js";
import {
  type CaptureSummary,
  COUNTED_STATES,
  type HostSummary,
  type Standing,
} from "../../report/summary.js";
import { columnChart, fitLargest } from "../scale.js";
import { type Span, span, spread } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface HostStatesProps {
  readonly host: HostSummary;
  readonly isClient: boolean;
  readonly summary: Pick<CaptureSummary, "start">;
  readonly width: number;
  /** The heading, and as many states as there is room for: those that are held without need first. */
  readonly height: number;
}

/** Lines of the pane on a screen with `height` lines for hosts: none where the list would become too short. */
export function statesHeight(hosts: readonly HostSummary[], height: number): number {
  if (hosts.every((host) => rowsOf(host).length === 0)) return 0;
  if (height >= 24) return 7;
  return height >= 15 ? 4 : 0;
}

const WORST_FIRST = ["CLOSE_WAIT", "SYN_RECEIVED", "FIN_WAIT_2", "TIME_WAIT", "ESTABLISHED"] as const;
if (new Set(WORST_FIRST).size !== COUNTED_STATES.length)
  throw new Error("a state has no place on the screen");

const TITLE = 14;
const FIGURES = 26;

export function HostStates({ host, isClient, summary, width, height }: HostStatesProps) {
  const { glyphs } = useContext(ThemeContext);
  const rows = rowsOf(host).map(([title, standing]) => standingLine(title, standing, summary, width, glyphs));
  const nothing =
    host.states === null
      ? "not followed: other hosts are busier"
      : "no connection stood in a state that is counted";
  const none = [span(` ${nothing}`, "quiet")];
  const lines = [heading(host, isClient, width, glyphs), ...(rows.length === 0 ? [none] : rows)];
  return <Lines lines={lines} width={width} height={height} />;
}

function rowsOf({ states, ports }: HostSummary): (readonly [title: string, standing: Standing])[] {
  const rows: [string, Standing][] = [];
  for (const state of WORST_FIRST) {
    const standing = states?.[state];
    if (standing) rows.push([state, standing]);
  }
  if (ports) rows.splice(Math.min(2, rows.length), 0, ["ports in use", ports.inUse]);
  return rows;
}

function heading(host: HostSummary, isClient: boolean, width: number, glyphs: Glyphs): readonly Span[] {
  const { name, closedFirst, closedByPeers, statesMissing, ports } = host;
  const peers = isClient ? "servers" : "clients";
  const closed = `closed first: it ${formatCount(closedFirst)}, its ${peers} ${formatCount(closedByPeers)}`;
  const missing =
    statesMissing > 0 ? ` (${formatCount(statesMissing)} earlier connections may be missing)` : "";
  const towards = ports ? `; ports to ${ports.server}` : "";
  const left = [span(` ${printable(name)} `, "strong"), span(`sockets over time${missing}${towards}`)];
  return spread(left, [span(` ${closed} `, "quiet")], width, glyphs.isAscii);
}

function standingLine(
  title: string,
  { counts, peak, peakAtMs, atEnd }: Standing,
  summary: Pick<CaptureSummary, "start">,
  width: number,
  glyphs: Glyphs,
): readonly Span[] {
  const figures = `${formatCount(atEnd).padStart(7)} now ${formatCount(peak).padStart(7)} at most`;
  const when = ` ${momentText(summary, peakAtMs)} `;
  const room = width - TITLE - 1 - FIGURES - when.length - 1;
  const [chart = ""] = room >= 8 ? columnChart(fitLargest(counts, room), 1, glyphs.isAscii) : [];
  return [
    span(` ${pad(title, TITLE)}`, "strong"),
    span(pad(figures, FIGURES)),
    span(when, "quiet"),
    span(chart, "accent"),
  ];
}
