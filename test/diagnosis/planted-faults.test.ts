/**
 * Every fault that was planted in a capture is found, and its finding names who has to act: over all samples, cases and
 * recordings of the lab together, as figures. What was planted stands in manifests, written from how the captures were made.
 */
import { existsSync, readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import type { Actor } from "../../src/report/finding.js";
import { CASE_FINDINGS } from "./case-findings.js";
import { EXPECTED, NOTED_SAMPLES } from "./expected-findings.js";
import { CLEAN, EXPECTATIONS } from "./recorded-findings.js";

const ROOT = new URL("../../", import.meta.url).pathname;
const LEAST_RIGHT = 0.95;

type Fault = readonly [id: string, actor: Actor];

/** By recording and capture point: what its scenario (test/lab/scenarios) does, as far as that point can show it. */
// biome-ignore format: a row a line, to be read as a table
const RECORDED: Readonly<Record<string, readonly Fault[]>> = {
  "accept_overflow/server": [["accept-queue-overflow", "server"]],
  "accept_overflow_abort/server": [["accept-queue-overflow", "server"]],
  "accept_overflow_cookies/server": [["accept-queue-overflow", "server"]],
  "cut_acks_only_tail_loss_1/client": [["one-way-capture", "capture"]],
  "cut_capdrop2_loss2_rtt1_short/client": [["capture-loss", "capture"]],
  "cut_capdrop5_plain_rtt20/client": [["capture-loss", "capture"]],
  "cut_data_only_reorder_loss/client": [["one-way-capture", "capture"]],
  "fin1_ack_lost/client": [["fin-ack-lost", "network"]],
  "fin1_lost/client": [["fin-lost", "network"]],
  "fin2_lost/server": [["fin-lost", "network"]],
  "hs_ack_lost_idle/client": [["handshake-ack-lost", "network"]],
  "hs_syn_lost/client": [["syn-lost", "network"]],
  "hs_syn_lost2/client": [["syn-lost", "network"]],
  "hs_synack_lost/server": [["syn-ack-lost", "network"]],
  "hs_synack_lost2/server": [["syn-ack-lost", "network"]],
  "jitter_reorder/client": [["reordering", "network"]],
  "keepalive_dead/client": [["keep-alive-dead", "network"]],
  "last_ack_lost/client": [["last-ack-lost", "network"]],
  "linger0_abort/client": [["abortive-close", "client"]],
  "linger0_inflight/server": [["abortive-close", "server"]],
  "loss10_cubic/client": [["loss-server-side", "network"]],
  "loss10_cubic/server": [["loss-client-side", "network"]],
  "loss15_cubic/client": [["loss-server-side", "network"]],
  "loss2_nosack/client": [["loss-server-side", "network"]],
  "middlebox_rst/client": [["reset-injected", "middlebox"]],
  "nagle_delack/client": [["nagle-delayed-ack", "client"]],
  "plain_offload/client": [["offloaded-capture", "capture"]],
  "pmtu_blackhole/server": [["path-mtu-black-hole", "network"]],
  "refused/client": [["connection-refused", "server"]],
  "refused_v6/client": [["connection-refused", "server"]],
  "reorder_large/client": [["reordering", "network"]],
  "request_lost/client": [["tail-loss", "network"]],
  "rst_data_after_close/client": [["reset-after-close", "client"]],
  "rtx_lost/server": [["timeout-stall", "network"]],
  "syn_blackhole/client": [["connect-unanswered", "network"]],
  "tail_loss_1/server": [["tail-loss", "network"]],
  "tfo_syn_lost/client": [["syn-lost", "network"]],
  "unread_data_close/client": [["abortive-close", "client"]],
  "vanish_retries2/client": [["vanished-peer", "network"]],
  "vanish_user_timeout/client": [["vanished-peer", "network"]],
  "zero_window/client": [["zero-window", "server"]],
  "zero_window_update_lost/client": [["zero-window", "server"]],
};

/** Captures and what was planted in each. */
function planted(): [file: string, faults: readonly Fault[]][] {
  const samples = Object.entries({ ...EXPECTED, ...NOTED_SAMPLES }).map(([name]): [string, Fault[]] => {
    const file = [".pcap", ".pcapng"].map((ending) => `captures/${name}${ending}`);
    const faults = [...(EXPECTED[name] ?? []), ...(NOTED_SAMPLES[name] ?? [])];
    return [file.find((one) => existsSync(ROOT + one))!, faults.map(([id, actor]) => [id, actor])];
  });
  const cases = Object.entries(CASE_FINDINGS).map(
    ([name, { findings = [], notes = [] }]): [string, Fault[]] => [
      `test/lab/cases/recorded/${name}.pcap.zst`,
      [...findings, ...notes].map(([id, actor]) => [id, actor]),
    ],
  );
  const recorded = Object.entries(RECORDED).map(([name, faults]): [string, readonly Fault[]] => [
    `test/lab/recorded/${name}.pcap.zst`,
    faults,
  ]);
  return [...samples, ...cases, ...recorded].filter(([, faults]) => faults.length > 0);
}

it("are found, and say who has to act", async () => {
  const missed: string[] = [];
  const misjudged: string[] = [];
  let count = 0;
  for (const [file, faults] of planted()) {
    const analysis = await openAnalysis([ROOT + file]);
    await analysis.run();
    const left = [...analysis.summary().findings];
    for (const [id, actor] of faults) {
      count++;
      const ofRule = left.filter((finding) => finding.id === id);
      const found = ofRule.find((finding) => finding.actor === actor) ?? ofRule[0];
      if (found === undefined) missed.push(`${file}: ${id}`);
      else if (found.actor !== actor) misjudged.push(`${file}: ${id}, ${found.actor} in place of ${actor}`);
      if (found !== undefined) left.splice(left.indexOf(found), 1);
    }
  }
  const right = (count - missed.length - misjudged.length) / count;
  console.log(
    `planted faults: ${count - missed.length} of ${count} found, ${(100 * right).toFixed(1)} % with the right actor`,
  );
  expect(count).toBeGreaterThan(100);
  expect(missed).toEqual([]);
  expect(right, misjudged.join("\n")).toBeGreaterThanOrEqual(LEAST_RIGHT);
}, 180_000);

it("leave no recording of the lab without a word on what it must lead to or must not", () => {
  const named = [
    ...CLEAN,
    ...EXPECTATIONS.flatMap(({ scenarios }) => scenarios).filter((glob) => glob !== "*"),
    ...Object.keys(RECORDED).map((name) => name.split("/")[0]!),
  ];
  const isNamed = (name: string) =>
    named.some((glob) => new RegExp(`^${glob.replaceAll("*", ".*")}$`).test(name));
  expect(readdirSync(`${ROOT}test/lab/recorded`).filter((name) => !isNamed(name))).toEqual([]);
});
