/**
 * The bench's results as Markdown, ready to be pasted into README.md. Only formats: medians and ratios come from
 * rounds.mjs, and what was not measured is said in words, never left out.
 */
import { goodRuns, median, pairedRatio } from "./rounds.mjs";

/**
 * A table for one trace.
 * @param {object} result
 * @param {string} result.title the heading
 * @param {number} result.packets in the trace
 * @param {readonly import("./rounds.mjs").Measured[]} result.measured
 * @param {readonly { label: string, reason: string }[]} result.missing programs that did not run, and why
 * @param {number} result.limitSeconds after which a program was stopped
 * @returns {string} Markdown
 */
export function traceTable({ title, packets, measured, missing, limitSeconds }) {
  const reference = measured.find((one) => one.contender.isOurs);
  const lines = [
    `### ${title}`,
    "",
    "| program | seconds | packets/s | peak RSS | time ÷ ours | runs |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const one of measured) lines.push(row(one, reference, packets, limitSeconds));
  for (const { label, reason } of missing) lines.push(`| ${code(label)} | ${reason} | – | – | – | 0 |`);
  return `${lines.join("\n")}\n`;
}

function row(one, reference, packets, limitSeconds) {
  const label = code(one.contender.label);
  const runs = one.runs.filter((run) => run !== null);
  const last = runs.at(-1);
  const good = goodRuns(one);
  if (last.outcome === "failed")
    return `| ${label} | failed (${cell(last.reason)}) | – | – | – | ${runs.length} |`;
  const peaks = runs.map((run) => run.peakKiB).filter((peak) => peak !== null);
  const memory = peaks.length === 0 ? "–" : `${Math.round(Math.max(...peaks) / 1024)} MiB`;
  const compared = pairedRatio(one, reference);
  const ratio = compared ? `${compared.isLowerBound ? "> " : ""}${compared.ratio.toFixed(2)}` : "–";
  if (last.outcome === "stopped") {
    const rate = `< ${millions(packets / limitSeconds)}`;
    return `| ${label} | > ${limitSeconds} s | ${rate} | ${memory} | ${ratio} | ${runs.length} |`;
  }
  const seconds = median(good.map((run) => run.seconds));
  return `| ${label} | ${seconds.toFixed(2)} | ${millions(packets / seconds)} | ${memory} | ${ratio} | ${good.length} |`;
}

/**
 * A table of start-up times.
 * @param {string} title the heading
 * @param {readonly import("./rounds.mjs").Measured[]} measured
 * @param {readonly { label: string, reason: string }[]} missing
 * @returns {string} Markdown
 */
export function startTable(title, measured, missing) {
  const lines = [`### ${title}`, "", "| command | ms | peak RSS | runs |", "| --- | ---: | ---: | ---: |"];
  for (const one of measured) {
    const good = goodRuns(one);
    const failed = one.runs.find((run) => run !== null && run.outcome !== "ok");
    if (failed) {
      lines.push(`| ${code(one.contender.label)} | ${failed.outcome} (${cell(failed.reason)}) | – | 0 |`);
      continue;
    }
    const ms = median(good.map((run) => run.seconds)) * 1000;
    const peaks = good.map((run) => run.peakKiB).filter((peak) => peak !== null);
    const memory = peaks.length === 0 ? "–" : `${Math.round(Math.max(...peaks) / 1024)} MiB`;
    lines.push(`| ${code(one.contender.label)} | ${ms.toFixed(0)} | ${memory} | ${good.length} |`);
  }
  for (const { label, reason } of missing) lines.push(`| ${code(label)} | ${reason} | – | 0 |`);
  return `${lines.join("\n")}\n`;
}

function code(text) {
  return `\`${text}\``;
}

function cell(text) {
  return text.replaceAll("|", "\\|");
}

function millions(rate) {
  return `${(rate / 1e6).toFixed(2)} M`;
}
