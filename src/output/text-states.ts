/**
 * The text report's lines on how many sockets of one host stood in a state at once, where that says something: sockets
 * that are not closed, half-open handshakes, ports in TIME_WAIT.
 */
import { standingText } from "../report/standing.js";
import type { CaptureSummary, CountedState, HostSummary, Standing } from "../report/summary.js";
import { formatCount, pad, printable, wrap } from "./format.js";
import { emphasize, type Medium } from "./style.js";

/** From so many at once on a state is worth a line; connections that stand are what a host is for. */
const WORTH: readonly (readonly [CountedState, number])[] = [
  ["CLOSE_WAIT", 10],
  ["SYN_RECEIVED", 10],
  ["FIN_WAIT_2", 10],
  ["TIME_WAIT", 100],
];
const PORTS_WORTH = 100;
const MOST_LINES = 8;
const NAME_WIDTH = 14;

/** A line for each such host and state, those that most are in first, state by state. */
export function standingFacts(summary: CaptureSummary): [title: string, text: string][] {
  const lines: [title: string, text: string][] = [];
  const hosts = [...summary.servers, ...summary.clients];
  for (const [state, worth] of WORTH) {
    for (const { host, standing } of above(hosts, (one) => one.states?.[state], worth)) {
      const text = `${host.name}: ${standingText(standing, summary, host.statesMissing === 0)}`;
      lines.push([state, state === "TIME_WAIT" ? `${text}; ${closers(host)}` : text]);
    }
  }
  for (const { host, standing } of above(summary.clients, (one) => one.ports?.inUse, PORTS_WORTH)) {
    const { server, missing } = host.ports!;
    const text = standingText(standing, summary, missing === 0);
    lines.push(["ports", `${host.name} to ${server}: ${text}, with those in TIME_WAIT`]);
  }
  return lines;
}

/** The first of them as lines of text. */
export function standingLines(summary: CaptureSummary, medium: Medium): string[] {
  const lines = standingFacts(summary);
  if (lines.length === 0) return [];
  const shown = lines.slice(0, MOST_LINES).flatMap(([title, text]) => {
    const indent = " ".repeat(NAME_WIDTH);
    return wrap(printable(text), medium.width, indent, pad(title, NAME_WIDTH));
  });
  const more = lines.length - MOST_LINES;
  if (more > 0) shown.push(`and ${formatCount(more)} more`);
  return [emphasize(medium, "heading", "Sockets in one state, by host"), ...shown];
}

function above(
  hosts: readonly HostSummary[],
  read: (host: HostSummary) => Standing | undefined,
  worth: number,
): { host: HostSummary; standing: Standing }[] {
  return hosts
    .flatMap((host) => {
      const standing = read(host);
      return standing && standing.peak >= worth ? [{ host, standing }] : [];
    })
    .sort((a, b) => b.standing.peak - a.standing.peak);
}

/** Who closes first holds TIME_WAIT. */
function closers({ closedFirst, connections }: HostSummary): string {
  return `it closed first ${formatCount(closedFirst)} of its ${formatCount(connections)} connections`;
}
