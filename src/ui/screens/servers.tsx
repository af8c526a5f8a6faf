/**
 * The fifth screen: all servers of the capture, or all clients, with one time of their handshakes, busiest first;
 * and how the sockets of the one under the cursor stood over time.
 */
import { Box } from "ink";
import { useContext } from "react";
import { formatCount } from "../../output/format.js";
import type { CaptureSummary } from "../../report/summary.js";
import { HostStates } from "../components/host-states.js";
import { Hosts } from "../components/hosts.js";
import { Lines } from "../components/lines.js";
import type { HostList } from "../hooks/use-hosts.js";
import { type Span, span, spread } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";

export interface ServersProps {
  readonly hosts: HostList;
  readonly summary: CaptureSummary;
  /** Index into HANDSHAKE_TIMES. */
  readonly time: number;
  readonly isReading: boolean;
  readonly width: number;
  readonly height: number;
}

/** Lines of this screen beside hosts and the states of one: how many there are, and the headings. */
export const SERVERS_MARGIN = 2;

export function Servers({ hosts, summary, time, isReading, width, height }: ServersProps) {
  const { glyphs } = useContext(ThemeContext);
  const { isClients, all, first, index, selected } = hosts;
  const kind = isClients ? "client" : "server";
  if (all.length === 0) {
    const line = [span(isReading ? `  no ${kind} yet` : `  no ${kind} in this capture`, "quiet")];
    return <Lines lines={[[], line]} width={width} height={height} />;
  }
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Lines lines={[countLine(hosts, width, glyphs)]} width={width} height={1} />
      <Hosts
        title={isClients ? "Clients" : "Servers"}
        hosts={all.slice(first, first + hosts.height)}
        cursor={index - first}
        selected={time}
        width={width}
        height={hosts.height + 1}
      />
      {selected === null ? null : (
        <HostStates
          host={selected}
          isClient={isClients}
          summary={summary}
          width={width}
          height={height - hosts.height - SERVERS_MARGIN}
        />
      )}
    </Box>
  );
}

function countLine(
  { isClients, all, omitted, index }: HostList,
  width: number,
  glyphs: Glyphs,
): readonly Span[] {
  const [these, others] = isClients ? ["clients", "servers"] : ["servers", "clients"];
  const left = [span(` ${these}, the busiest first; `), span("c", "key"), span(` shows the ${others}`)];
  const more = omitted > 0 ? `, ${formatCount(omitted)} more are not listed` : "";
  return spread(
    left,
    [span(` ${formatCount(index + 1)}/${formatCount(all.length)}${more} `, "quiet")],
    width,
    glyphs.isAscii,
  );
}
