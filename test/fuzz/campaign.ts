/**
 * Fuzzes for a while, and keeps what broke: `npm run fuzz -- --seconds 60 [--target packet] [--seed 7] [--keep DIR]`.
 *
 * Prints how many inputs each target took. What broke goes, mended, into regressions/ as TARGET-what.bin.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { corpusOf } from "./corpus.js";
import { Chance, mutated } from "./mutate.js";
import { TARGETS, type Target } from "./targets.js";

/** A single input takes no longer, of the processor: others may keep it waiting. */
const MOST_MS = 5000;

export interface Outcome {
  readonly executions: number;
  /** Inputs that broke something, each with what it was. */
  readonly broken: readonly { readonly input: Uint8Array; readonly error: string }[];
}

export async function fuzz(target: Target, seconds: number, seed: number): Promise<Outcome> {
  const corpus = [...corpusOf(target)];
  const chance = new Chance(seed);
  const broken: { input: Uint8Array; error: string }[] = [];
  const kinds = new Set<string>();
  const until = performance.now() + seconds * 1000;
  let executions = 0;
  while (performance.now() < until) {
    const input = mutated(chance.of(corpus), chance.of(corpus), chance);
    const began = process.cpuUsage();
    try {
      await TARGETS[target](input);
      const { user, system } = process.cpuUsage(began);
      const ms = (user + system) / 1000;
      if (ms > MOST_MS) throw new Error(`took ${Math.round(ms)} ms for ${input.length} bytes`);
    } catch (error) {
      const text =
        error instanceof Error
          ? `${error.message}\n${(error.stack ?? "").split("\n").slice(1, 6).join("\n")}`
          : String(error);
      const kind = text.replace(/\d+/g, "N").slice(0, 300);
      if (!kinds.has(kind)) broken.push({ input, error: text });
      kinds.add(kind);
    }
    executions++;
  }
  return { executions, broken };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      target: { type: "string" },
      seed: { type: "string", default: String(Date.now() % 1e9) },
      keep: { type: "string", default: "/tmp/fuzz-broken" },
    },
  });
  const targets = values.target ? [values.target as Target] : (Object.keys(TARGETS) as Target[]);
  for (const target of targets) {
    const { executions, broken } = await fuzz(
      target,
      Number(values.seconds) / targets.length,
      Number(values.seed),
    );
    console.log(`${target}: ${executions} inputs, seed ${values.seed}, ${broken.length} broken`);
    mkdirSync(values.keep, { recursive: true });
    broken.forEach(({ input, error }, i) => {
      const path = `${values.keep}/${target}-${values.seed}-${i}`;
      writeFileSync(path, input);
      console.log(`  ${path}: ${error}`);
      process.exitCode = 1;
    });
  }
}

if (process.argv[1]?.endsWith("campaign.js")) await main();
