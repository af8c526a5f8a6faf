/**
 * Where tshark's sequence analysis and the labels differ on captures whose truth is known: the groups, pinned. Which of the
 * two is right stands in docs/differences-from-tshark.md. Where tshark is not installed that is said, and nothing compared.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { SegmentRow } from "../../src/report/segment-row.js";
import { differenceList, groupTable } from "./difference-text.js";
import { compare, grouped } from "./differences.js";
import { isAgreed, NOTHING, ourWord, theirWord } from "./words.js";

const CAPTURES = resolve(import.meta.dirname, "../../captures");
/** The words and rules of this version are pinned; others have had other rules. */
const PINNED_VERSION = "4.0";
const { stdout = "" } = spawnSync("tshark", ["--version"], { encoding: "utf8" });
const version = /(\d+\.\d+)\.\d+/.exec(stdout)?.[1] ?? null;
if (version === null) console.log("left out: tshark is not installed");
else if (version !== PINNED_VERSION) console.log(`left out: tshark is ${version}, not ${PINNED_VERSION}`);

// biome-ignore format: a capture a line, to be read as a table
const PINNED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "challenge-ack.pcap": { "retransmission -> new": 2, "reused_ports -> no further life of its ports": 1 },
  "duplicates.pcap": { "spurious_retransmission -> capture-duplicate": 2 },
  "fin-ack-lost.pcap": { "retransmission -> retransmission (tail-loss-probe, spurious)": 1 },
  "last-ack-lost.pcap": { "retransmission -> retransmission (tail-loss-probe, spurious)": 1 },
  "loss-receiver.pcap": { "out_of_order -> retransmission (fast)": 1 },
  "loss.pcap": { "out_of_order -> retransmission (fast)": 2 },
  "one-direction.pcap": { "nothing -> missing bytes": 1 },
  "path-mtu-black-hole.pcap": { "retransmission -> retransmission (fast)": 4 },
  "retransmission-lost.pcap": { "retransmission -> retransmission (fast)": 1 },
  "simultaneous-open.pcap": { "retransmission -> new": 2 },
  "spurious-retransmission.pcap": { "nothing -> retransmission (tail-loss-probe, inferred, spurious)": 1, "spurious_retransmission -> reordered": 1 },
  "tail-loss.pcap": { "retransmission -> retransmission (fast)": 1 },
  "window-update-lost.pcap": { "keep_alive -> zero-window-probe": 3, "nothing -> zero-window-probe-ack": 3 },
  "zero-window.pcap": { "keep_alive -> zero-window-probe": 3, "nothing -> zero-window-probe-ack": 3 },
  "ipv6.pcap": {},
};

describe.runIf(version === PINNED_VERSION)("differences from tshark", () => {
  it.each(Object.keys(PINNED))("%s", async (file) => {
    const { differences } = await compare(resolve(CAPTURES, file), file);
    const counts = Object.fromEntries([...grouped(differences)].map(([name, { length }]) => [name, length]));
    expect(counts).toEqual(PINNED[file]);
  });

  it("are listed so that a reader can follow each", async () => {
    const comparison = await compare(resolve(CAPTURES, "loss.pcap"), "loss.pcap");
    const all = differenceList([comparison], { most: 20, context: 2 });
    const [first] = comparison.differences;
    expect(all).toContain(`loss.pcap frame ${first!.row.frame}, connection ${first!.row.connection}: `);
    expect(all).toContain(`    ours:   ${first!.ours}: ${first!.row.evidence}`);
    expect(all).toMatch(/\n {4}> +\d+ /);
    expect(differenceList([comparison], { most: 0, context: 0 })).toMatch(/and \d+ more \(--most \d+\)/);
    expect(groupTable(comparison.differences).split("\n")).toHaveLength(
      1 + grouped(comparison.differences).size,
    );
  });
});

const row = (fields: Partial<SegmentRow>): SegmentRow => ({
  frame: "1",
  timeNs: 0,
  connection: "1",
  from: "client",
  sequence: 0,
  acknowledgment: null,
  payloadBytes: 0,
  flags: 0,
  window: 0,
  label: "",
  repeats: "",
  cause: "",
  inferred: false,
  spurious: false,
  evidence: "",
  ...fields,
});

describe("words", () => {
  it.each<[theirs: Parameters<typeof theirWord>[0], ours: Partial<SegmentRow>, isSame: boolean]>([
    [["retransmission", "fast_retransmission"], { label: "retransmission", cause: "fast" }, true],
    [["retransmission", "fast_retransmission"], { label: "retransmission", cause: "rto" }, false],
    [
      ["retransmission", "spurious_retransmission"],
      { label: "retransmission", cause: "rto", spurious: true },
      true,
    ],
    [["retransmission"], { label: "retransmission", cause: "rto" }, true],
    [["retransmission"], { label: "retransmission", cause: "fast" }, false],
    [["retransmission"], { label: "retransmission", repeats: "syn" }, true],
    [["out_of_order"], { label: "reordered" }, true],
    [["lost_segment"], { label: "after-gap" }, true],
    [["lost_segment"], { label: "new" }, false],
    [["duplicate_ack", "window_full"], { label: "new" }, true],
    [[], { label: "capture-duplicate" }, false],
    [[], { label: "" }, true],
  ])("%j and %j: %s", (theirs, ours, isSame) => {
    expect(isAgreed(theirWord(theirs), row(ours))).toBe(isSame);
  });

  it("name what has no label", () => {
    expect(theirWord(["duplicate_ack"])).toBe(NOTHING);
    expect([4, 2, 16].map((flags) => ourWord(row({ flags })))).toEqual([
      "reset",
      "SYN without a connection",
      "pure ACK",
    ]);
  });
});
