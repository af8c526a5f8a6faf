/**
 * The application: which screen is shown, and the data that each screen is given.
 *
 * One tree, one keyboard, one size. The screens draw what they are handed; only the hooks ask the analysis, and only
 * for what is on the screen.
 */
import { Box, Text } from "ink";
import type { CaptureSummary } from "../report/summary.js";
import type { PageQuery } from "../report/view.js";
import { type Controls, mustWait, runCommand, typeKey } from "./commands.js";
import { Help } from "./components/help.js";
import { StatusBar } from "./components/status-bar.js";
import { MOST_STORIES } from "./components/stories.js";
import { TitleBar } from "./components/title-bar.js";
import type { ResizableSize } from "./frame-writer.js";
import { useControls } from "./hooks/use-controls.js";
import { type Actions, useKeys } from "./hooks/use-keys.js";
import { useLive } from "./hooks/use-live.js";
import { usePage } from "./hooks/use-page.js";
import { useTerminalSize } from "./hooks/use-terminal-size.js";
import type { LiveAnalysis } from "./live.js";
import { Connection } from "./screens/connection.js";
import { Connections } from "./screens/connections.js";
import { Findings } from "./screens/findings.js";
import { Live } from "./screens/live.js";
import { Overview } from "./screens/overview.js";
import { Servers } from "./screens/servers.js";

export interface AppProps {
  readonly live: LiveAnalysis;
  /** Name of the capture, as the user gave it. */
  readonly fileLabel: string;
  readonly screen: ResizableSize;
  readonly actions: Actions;
}

/** Title, tabs and status. */
const FRAME_LINES = 3;
const LEAST_COLUMNS = 40;
const LEAST_ROWS = 14;

const FIRST_FEW: PageQuery = {
  sort: "start",
  isDescending: false,
  search: "",
  offset: 0,
  limit: MOST_STORIES,
};

export function App({ live, fileLabel, screen: size, actions }: AppProps) {
  const { columns: width, rows } = useTerminalSize(size);
  // The last line of the terminal stays free: nothing can then make it scroll.
  const height = Math.max(1, rows - 1 - FRAME_LINES);
  const state = useLive(live);
  const { version, isReading, isPaused, failure } = state;
  const { controls, summary, notice } = useControls(live, actions, state, width, height);
  const { screen, isHelp } = controls;
  const isLive = controls.traffic !== null;
  useKeys({
    screen,
    isLive,
    onCommand: (command) => runCommand(controls, command),
    onKey: (key) => typeKey(controls, key),
    mustWait: (command) => mustWait(controls, command),
  });

  if (width < LEAST_COLUMNS || rows < LEAST_ROWS) {
    return <Text>{`at least ${LEAST_COLUMNS}x${LEAST_ROWS}, please; 80x24 is good`.slice(0, width)}</Text>;
  }
  return (
    <Box flexDirection="column" width={width} height={height + FRAME_LINES}>
      <TitleBar
        fileLabel={fileLabel}
        screen={screen}
        isHelp={isHelp}
        findings={summary.findings.length}
        isLive={isLive}
        width={width}
      />
      <Box flexDirection="column" width={width} height={height} flexShrink={0} overflow="hidden">
        <CurrentScreen
          controls={controls}
          summary={summary}
          version={version}
          isReading={isReading}
          width={width}
          height={height}
        />
      </Box>
      <StatusBar
        progress={live.view.progress()}
        isReading={isReading}
        isPaused={isPaused}
        failure={failure}
        notice={notice}
        screen={screen}
        width={width}
      />
    </Box>
  );
}

interface CurrentScreenProps {
  readonly controls: Controls;
  readonly summary: CaptureSummary;
  /** Version of the live state: a new one asks for a new summary. */
  readonly version: number;
  readonly isReading: boolean;
  readonly width: number;
  readonly height: number;
}

function CurrentScreen({ controls, summary, version, isReading, width, height }: CurrentScreenProps) {
  const { live, screen, isHelp, table, columns, connection, findings, hosts, focus } = controls;
  const isOverview = screen === "overview" && !isHelp;
  const isFew = isOverview && summary.connections > 0 && summary.connections <= MOST_STORIES;
  const first = usePage(live.view, FIRST_FEW, version, isFew);
  const few = isFew && first !== null && first.page.total <= MOST_STORIES ? first.page.rows : [];
  const { traffic, news } = controls;
  if (isHelp) return <Help isLive={traffic !== null} width={width} height={height} />;
  if (isOverview) return <Overview summary={summary} few={few} focus={focus} width={width} height={height} />;
  if (screen === "connections") {
    return (
      <Connections table={table} columns={columns} isReading={isReading} width={width} height={height} />
    );
  }
  if (screen === "findings") {
    return (
      <Findings findings={findings} summary={summary} isReading={isReading} width={width} height={height} />
    );
  }
  if (screen === "servers") {
    return (
      <Servers
        hosts={hosts}
        summary={summary}
        time={focus.time}
        isReading={isReading}
        width={width}
        height={height}
      />
    );
  }
  if (screen === "live" && traffic !== null) {
    return (
      <Live
        traffic={traffic}
        sockets={live.view.sockets()}
        news={news}
        summary={summary}
        width={width}
        height={height}
      />
    );
  }
  const { record, evidence, marked, ladder, story, scroll, plotted, layout } = connection;
  return (
    <Connection
      record={record}
      evidence={evidence}
      marked={marked}
      ladder={ladder}
      story={story}
      scroll={scroll}
      plotted={plotted}
      layout={layout}
    />
  );
}
