/** Runs programs over recordings and scores what they say of each frame against the recorder's list of frames. */
import { entry, type LabelScore, METRICS, type MetricName, NOTHING_SAID, type Said } from "./label-score.js";
import { TCPTRACE_METRICS, tcptraceCounts } from "./programs.js";
import { type Recording, type TrueFrame, trueConnections, trueFrames } from "./recordings.js";

/** How figures are put into groups: always by kind of recording, and by what else is asked for. */
export type Grouping = "kind" | "point" | "scenario";

export function groupsOf({ kind, point, scenario }: Recording, by: Grouping): string[] {
  return [kind, ...(by === "point" ? [`${kind} ${point}`] : by === "scenario" ? [scenario] : [])];
}

/** Adds to `score` what a program says of each frame of a recording; calls `onFrame` with each of them. */
export function scoreLabels(
  score: LabelScore,
  groups: readonly string[],
  frames: readonly TrueFrame[],
  said: ReadonlyMap<number, Said>,
  onFrame?: (truth: TrueFrame, said: Said) => void,
): void {
  for (const truth of frames) {
    const word = said.get(truth.frame) ?? NOTHING_SAID;
    score.add(groups, truth, word);
    onFrame?.(truth, word);
  }
}

/** Adds tcptrace's counts, direction by direction; false where it cannot read the file. */
export async function scoreTcptrace(
  score: LabelScore,
  groups: readonly string[],
  folder: string,
  recording: Recording,
  path = recording.path,
): Promise<boolean> {
  const got = await tcptraceCounts(path);
  if (!got) return false;
  const connections = new Map(
    trueConnections(folder, recording.scenario).map((row) => [Number(row.id), row]),
  );
  const want = new Map<string, Map<MetricName, number>>();
  for (const truth of trueFrames(folder, recording.scenario, recording.point)) {
    const connection = connections.get(truth.connection);
    if (!connection || truth.kind === "unknown") continue;
    const isOpener = truth.sender === connection.opener;
    const [from, to] = isOpener
      ? [connection.client, connection.server]
      : [connection.server, connection.client];
    const direction = entry(want, `${from} ${to}`, () => new Map<MetricName, number>());
    for (const name of TCPTRACE_METRICS) {
      const metric = METRICS[name];
      if (metric.concerns(truth, NOTHING_SAID) && metric.isTrue(truth))
        direction.set(name, (direction.get(name) ?? 0) + 1);
    }
  }
  for (const [direction, counts] of want) {
    for (const name of TCPTRACE_METRICS)
      score.addNumbers(groups, name, counts.get(name) ?? 0, got.get(direction)?.get(name) ?? 0);
  }
  return true;
}
