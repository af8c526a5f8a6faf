/**
 * Every sample capture against the kernels' own truth: outcome, connect latency, final states, who closed first, who
 * reset and how, repeats and probes of each side that passed the capture point.
 */
import { describe, expect, it } from "vitest";
import type { ConnectionRecord } from "../../src/report/record.js";
import { BLIND_SPOTS } from "./blind-spots.js";
import { hasTruth, recordsOf, SAMPLES, type TrueConnection, truthOf } from "./samples.js";
import { RULES } from "./truth-rules.js";

function endName(end: { readonly address: string; readonly port: number }): string {
  return end.address.includes(":") ? `[${end.address}]:${end.port}` : `${end.address}:${end.port}`;
}

/** The record of a kernel's connection: lives of one tuple stand in the same order in both lists. When both ends call at
 * once, the capture may have met the other one's SYN first. */
function recordOf(
  kernel: TrueConnection,
  all: readonly TrueConnection[],
  records: readonly ConnectionRecord[],
): ConnectionRecord {
  const isSame = (client: string, server: string) => client === kernel.client && server === kernel.server;
  const lives = all.filter((other) => isSame(other.client, other.server));
  const found = records.filter(
    ({ client, server, outcome }) =>
      isSame(endName(client), endName(server)) ||
      (outcome === "simultaneous" && isSame(endName(server), endName(client))),
  );
  expect(found.length, `records of ${kernel.client} → ${kernel.server}`).toBe(lives.length);
  return found[lives.indexOf(kernel)]!;
}

it("every sample has its truth", () => {
  expect(SAMPLES.length).toBeGreaterThan(50);
  expect(SAMPLES.filter((sample) => !hasTruth(sample))).toEqual([]);
});

describe.each(SAMPLES)("$name", (sample) => {
  it("says what the kernels say", async () => {
    const truth = truthOf(sample);
    const records = await recordsOf(sample.file);
    expect(records.length).toBe(truth.connections.length);
    const wrong: string[] = [];
    for (const kernel of truth.connections) {
      const record = recordOf(kernel, truth.connections, records);
      const blind = BLIND_SPOTS.filter(
        (spot) => spot.sample === sample.name && spot.connection === kernel.id,
      );
      for (const [field, rule] of Object.entries(RULES)) {
        const pair = rule(kernel, record, truth);
        const isBlind = blind.some((spot) => spot.fields.includes(field));
        const agrees = pair === null || pair[0] === pair[1];
        if (!agrees && !isBlind)
          wrong.push(`connection ${kernel.id}, ${field}: kernel ${pair[0]}, record ${pair[1]}`);
        if (agrees && isBlind) wrong.push(`connection ${kernel.id}, ${field}: needs no blind spot any more`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

it("names only samples and fields that exist", () => {
  for (const spot of BLIND_SPOTS) {
    const sample = SAMPLES.find(({ name }) => name === spot.sample);
    expect(sample && truthOf(sample).connections.some(({ id }) => id === spot.connection), spot.sample).toBe(
      true,
    );
    for (const field of spot.fields) expect(Object.keys(RULES)).toContain(field);
  }
});
