/** What a made conversation leads to. */
import type { Finding } from "../../src/report/finding.js";
import { type Options, observe, type Step } from "../connection/conversation.js";

/** What stands in no sentence: numbers that are none, a full stop, and "1 packets". */
export const UNREADABLE = /NaN|undefined|null|Infinity|\.$|(?<![\d,.])1 (?!address)[a-zA-Z-]+[^s]s\b/;

/** The finding of this name; undefined where the conversation does not lead to it. */
export async function findingIn(
  id: string,
  steps: readonly Step[],
  options: Options = {},
): Promise<Finding | undefined> {
  const { findings } = (await observe(steps, options)).summary();
  return findings.find((finding) => finding.id === id);
}

/** Names of all findings of the conversation. */
export async function idsIn(steps: readonly Step[], options: Options = {}): Promise<readonly string[]> {
  return (await observe(steps, options)).summary().findings.map(({ id }) => id);
}
