/**
 * Measures several programs on one file by rounds: each round runs every program once, beginning with another one each
 * time, so that a machine whose speed drifts drifts for all. A ratio is taken within a round, and the median of the
 * rounds' ratios is reported. A slow program runs in the first round only.
 */
import { measure } from "./measure.mjs";

/** A program above this runs once. */
const SLOW_SECONDS = 20;

/**
 * What a program's rounds gave.
 * @typedef {object} Measured
 * @property {import("./peers.mjs").Contender} contender
 * @property {(import("./measure.mjs").Run | null)[]} runs by round; null where it did not run
 */

/**
 * Runs the rounds.
 * @param {readonly import("./peers.mjs").Contender[]} contenders those that can run on this file
 * @param {string} path the file
 * @param {{ runs: number, limitSeconds: number, feeder?: readonly string[], progress: (line: string) => void }} options
 *   `feeder`: the command whose output they read instead of a file
 * @returns {Promise<Measured[]>} in the order given
 */
export async function measureByRounds(contenders, path, { runs, limitSeconds, feeder, progress }) {
  const all = contenders.map((contender) => ({ contender, runs: [], isOut: false }));
  for (let round = 0; round < runs; round++) {
    for (let i = 0; i < all.length; i++) {
      const measured = all[(i + round) % all.length];
      if (measured.isOut) {
        measured.runs.push(null);
        continue;
      }
      const run = await measure(measured.contender.command(path), limitSeconds, feeder);
      measured.runs.push(run);
      measured.isOut = run.outcome !== "ok" || run.seconds > SLOW_SECONDS;
      progress(
        `${round + 1}/${runs} ${measured.contender.label}: ${run.seconds.toFixed(2)} s ${run.outcome}`,
      );
    }
  }
  return all;
}

/** @param {readonly number[]} values @returns {number | null} their median, null for none */
export function median(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param {Measured} measured @returns {import("./measure.mjs").Run[]} the runs that ended well */
export function goodRuns(measured) {
  return measured.runs.filter((run) => run !== null && run.outcome === "ok");
}

/**
 * Compares with the reference, round by round.
 * @param {Measured} measured
 * @param {Measured | undefined} reference this program's first way
 * @returns {{ ratio: number, isLowerBound: boolean } | null} its time divided by the reference's
 */
export function pairedRatio(measured, reference) {
  const ratios = [];
  let isLowerBound = false;
  for (let round = 0; round < measured.runs.length; round++) {
    const run = measured.runs[round];
    const other = reference?.runs[round];
    if (!run || other?.outcome !== "ok" || run.outcome === "failed") continue;
    if (run.outcome === "stopped") isLowerBound = true;
    ratios.push(run.seconds / other.seconds);
  }
  const ratio = median(ratios);
  return ratio === null ? null : { ratio, isLowerBound };
}
