/**
 * The sixth screen, while something is captured or followed: what comes just now, and what came to light last.
 */
import { useContext } from "react";
import type { Sockets } from "../../report/socket.js";
import type { CaptureSummary } from "../../report/summary.js";
import type { Traffic } from "../../report/traffic.js";
import { Lines } from "../components/lines.js";
import type { NewFinding } from "../hooks/use-news.js";
import { type LiveRoom, newsLines, rateLines, socketLines, stateLines } from "../live-lines.js";
import { ThemeContext } from "../theme.js";

export interface LiveProps {
  readonly traffic: Traffic;
  /** This host's sockets; null where nobody asks its kernel. */
  readonly sockets: Sockets | null;
  /** Findings, the newest first. */
  readonly news: readonly NewFinding[];
  readonly summary: CaptureSummary;
  readonly width: number;
  readonly height: number;
}

/** From this height on the parts are set off by empty lines. */
const WITH_GAPS = 28;

export function Live({ traffic, sockets, news, summary, width, height }: LiveProps) {
  const { glyphs } = useContext(ThemeContext);
  const room: LiveRoom = { width, height, glyphs };
  const gap = height >= WITH_GAPS ? [[]] : [];
  const lines = [...rateLines(traffic, room), ...gap];
  const parts = sockets === null ? 2 : 3;
  // What is left is shared; findings have what the states do not need.
  const share = Math.floor((height - lines.length) / parts);
  lines.push(...stateLines(traffic, Math.max(3, share - gap.length), room), ...gap);
  const left = height - lines.length;
  if (sockets === null) lines.push(...newsLines(news, summary, left, room));
  else {
    const half = Math.floor(left / 2);
    lines.push(...newsLines(news, summary, half - gap.length, room), ...gap);
    lines.push(...socketLines(sockets, height - lines.length, room));
  }
  return <Lines lines={lines} width={width} height={height} />;
}
