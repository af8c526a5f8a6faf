/**
 * The files of src/ as the tests of the house look at them: path, text, and what each imports.
 *
 * Imports are found in the text. That is enough, because the formatter writes every import in one of three shapes.
 */
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface Import {
  /** Path below src/ with the ending of the source file, or the name of a package. */
  readonly target: string;
  readonly isLocal: boolean;
  /** Nothing of it is left in the built program. */
  readonly isTypeOnly: boolean;
}

export interface SourceFile {
  /** Below src/, with slashes: "wire/decode.ts". */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const STATEMENT = /^(?:import|export)\s+([\w\s{},*$]+?)\s+from\s+["']([^"']+)["']/gm;
const BARE = /^import\s+["']([^"']+)["']/gm;
const DYNAMIC = /\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** Whether every name that the clause between `import` and `from` takes is a type. */
function isTypeClause(clause: string): boolean {
  const trimmed = clause.trim();
  if (trimmed.startsWith("type ")) return true;
  const names = /^\{([^}]*)\}$/
    .exec(trimmed)?.[1]
    ?.split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith("type "));
}

/** The imports in `text`, which stands at `path`; `paths` are the files that there are. */
export function importsOf(path: string, text: string, paths: ReadonlySet<string>): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, isTypeOnly: boolean) => {
    const isLocal = specifier.startsWith(".");
    found.push({ target: isLocal ? resolve(path, specifier, paths) : specifier, isLocal, isTypeOnly });
  };
  for (const [, clause, specifier] of text.matchAll(STATEMENT)) add(specifier!, isTypeClause(clause!));
  for (const [, specifier] of text.matchAll(BARE)) add(specifier!, false);
  for (const [, specifier] of text.matchAll(DYNAMIC)) add(specifier!, false);
  return found;
}

function resolve(from: string, specifier: string, paths: ReadonlySet<string>): string {
  const built = posix.join(posix.dirname(from), specifier);
  const candidates = [".ts", ".tsx", ".d.ts"].map((ending) => built.replace(/\.js$/, ending));
  return candidates.find((candidate) => paths.has(candidate)) ?? built;
}

/** Every source file of src/, in the order of its path. */
export function sourceFiles(): SourceFile[] {
  const paths = readdirSync(`${ROOT}src`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => posix.join(entry.parentPath, entry.name).slice(`${ROOT}src/`.length))
    .sort();
  const known = new Set(paths);
  return paths.map((path) => {
    const text = readFileSync(`${ROOT}src/${path}`, "utf8");
    return { path, text, imports: importsOf(path, text, known) };
  });
}

/** The part of src/ that a file belongs to: its folder, or for the files on top "analyzer" or "index". */
export function partOf(path: string): string {
  const slash = path.indexOf("/");
  if (slash >= 0) return path.slice(0, slash);
  if (path === "worker.ts" || path === "engine.ts") return path.replace(".ts", "");
  if (path === "capturing.ts" || path === "owners.ts") return "worker";
  return path === "index.ts" ? "index" : /^analy[sz]/.test(path) ? "analyzer" : path;
}

/** Line number of a place in a text, from 1. */
export function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
