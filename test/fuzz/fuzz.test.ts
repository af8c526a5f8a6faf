/** Everything that once broke, again; and a short while of new inputs. `.ci/run` takes a minute for it. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fuzz } from "./campaign.js";
import { Chance, mutated } from "./mutate.js";
import { TARGETS, type Target } from "./targets.js";

const folder = new URL("./regressions/", import.meta.url).pathname;
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 4) / Object.keys(TARGETS).length;

it("takes every input that once broke something", async () => {
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith(".bin"))) {
    const target = name.slice(0, name.indexOf("-")) as Target;
    await TARGETS[target](new Uint8Array(readFileSync(`${folder}${name}`)));
  }
});

describe("new inputs", () => {
  it.each(Object.keys(TARGETS) as Target[])("break nothing in %s", { timeout: 120_000 }, async (target) => {
    const { executions, broken } = await fuzz(target, SECONDS, 1);
    expect(broken.map(({ error }) => error)).toEqual([]);
    expect(executions).toBeGreaterThan(0);
  });
});

describe("changes by chance", () => {
  it("are the same from the same seed, and others from another", () => {
    const input = Uint8Array.from({ length: 100 }, (_, i) => i);
    const change = (seed: number) => {
      const chance = new Chance(seed);
      return Array.from({ length: 20 }, () => [...mutated(input, input, chance)]);
    };
    expect(change(5)).toEqual(change(5));
    expect(change(5)).not.toEqual(change(6));
  });
});
