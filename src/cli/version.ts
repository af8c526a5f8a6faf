/**
 * The program's name and version, from its own package.json: one directory up when built, two from the sources.
 */
import { readFileSync } from "node:fs";

export const PROGRAM = "tcpflow-analyze";

/** The version in package.json. Throws where the program was taken out of its package. */
export function programVersion(): string {
  for (const path of ["../package.json", "../../package.json"]) {
    const manifest = readManifest(new URL(path, import.meta.url));
    if (manifest?.name === PROGRAM && manifest.version !== undefined) return manifest.version;
  }
  throw new Error(`${PROGRAM}: its package.json is missing; install it again`);
}

function readManifest(url: URL): { readonly name?: string; readonly version?: string } | null {
  try {
    return JSON.parse(readFileSync(url, "utf8"));
  } catch {
    return null;
  }
}
