/** What the screens call their input. */
import { captureName } from "../source/live-order.js";
import type { CommandLine } from "./options.js";

/** The first file or the interface, how many more files, and the filter. */
export function labelOf({ files, capture, where }: CommandLine): string {
  const [first = "", ...others] = files;
  const name = capture === null ? (first === "-" ? "standard input" : first) : captureName(capture);
  const all = others.length === 0 ? name : `${name} and ${others.length} more`;
  return where === null ? all : `${all}, where ${where}`;
}
