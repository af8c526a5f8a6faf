/**
 * The package as npm publishes it: packed from a copy of the project, installed into an empty folder, and run.
 *
 * Packing builds (package.json's `prepare`), so a copy is packed and the project's own dist stays as it is.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const SAMPLE = "syn-lost.pcap";
/** What packing needs, and some of what must stay out of the package. */
const COPIED = [
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "tsup.config.ts",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
  "src",
  "docs",
  "test/package",
  "captures",
];
/** Errors by which npm says that it has neither the registry nor what it fetched from it before. */
const NO_REGISTRY = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|network/i;

interface PackedFile {
  readonly path: string;
  readonly size: number;
}

const home = mkdtempSync(join(tmpdir(), "tcpflow-analyze-packed-"));
const project = join(home, "project");
const user = join(home, "user");
let files: readonly PackedFile[] = [];
let isInstalled = false;

function npm(args: readonly string[], cwd: string) {
  return spawnSync("npm", [...args], { cwd, encoding: "utf8", shell: process.platform === "win32" });
}

/** Runs the installed command as a user would. */
function run(...args: string[]): string {
  return execFileSync("npx", ["--no-install", "tcpflow-analyze", ...args], {
    cwd: user,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
}

/** A block of README that shows a command and what it prints: all of it, or, before a line "…", the first lines. */
const SHOWN = /```console\n\$ tcpflow-analyze (.*)\n([\s\S]*?)```/g;

/** README with what the program prints now in the place of what it shows; "…22" asks for the first 22 lines. */
function withRealOutput(readme: string): string {
  const file = join(user, "node_modules", "tcpflow-analyze", "dist", "cli.js");
  const env = { PATH: process.env.PATH ?? "", LANG: "C.UTF-8", TZ: "UTC" };
  return readme.replace(SHOWN, (_, args: string, shown: string) => {
    const options = { cwd: project, encoding: "utf8", env } as const;
    const printed = execFileSync(process.execPath, [file, ...args.split(" ")], options);
    const asked = /^…(\d+)$/m.exec(shown)?.[1];
    const kept = asked ? Number(asked) : /\n…\n$/.test(shown) ? shown.split("\n").length - 2 : null;
    const body = kept === null ? printed : `${printed.split("\n").slice(0, kept).join("\n")}\n…\n`;
    return `\`\`\`console\n$ tcpflow-analyze ${args}\n${body}\`\`\``;
  });
}

beforeAll(() => {
  for (const name of COPIED) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(project, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
  const packed = npm(["pack", "--json", "--pack-destination", home], project);
  expect(packed.status, packed.stderr).toBe(0);
  // What `prepare` prints comes first.
  const listing = JSON.parse(packed.stdout.slice(packed.stdout.search(/^\[/m))) as [
    { filename: string; files: PackedFile[] },
  ];
  files = listing[0].files;

  mkdirSync(user);
  writeFileSync(join(user, "package.json"), '{ "name": "user", "private": true }');
  const tarball = join(home, listing[0].filename);
  const options = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  const installed = npm(["install", ...options, tarball], user);
  isInstalled = installed.status === 0;
  if (isInstalled) return;
  if (!NO_REGISTRY.test(installed.stderr)) throw new Error(installed.stderr);
  console.log("left out: the packed package, installed and run (no npm registry here, and nothing cached)");
}, 180_000);

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("the packed package", () => {
  it("holds what is needed to run, to read and to type, and nothing else", () => {
    const paths = files.map((file) => file.path);
    const outside = paths.filter((path) => !path.startsWith("dist/"));
    expect(outside.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
    expect(paths).toEqual(expect.arrayContaining(["dist/cli.js", "dist/index.js", "dist/types/index.d.ts"]));
    expect(paths.filter((path) => path.startsWith("dist/") && !/\.(js|d\.ts)$/.test(path))).toEqual([
      "dist/third-party-licences.txt",
    ]);
    expect(files.reduce((sum, file) => sum + file.size, 0)).toBeLessThan(3_000_000);
  });

  it("says its version", () => {
    if (!isInstalled) return;
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(run("--version").trim()).toBe(version);
  });

  it("reports a capture as text", () => {
    if (!isInstalled) return;
    const report = run("--text", join(project, "captures", SAMPLE));
    expect(report).toContain("1 connection");
    expect(report).toMatch(
      /SYN lost after the capture point, or dropped by the server: connect\s+took\s+1\.0\d+ s/,
    );
  });

  it("prints what README shows", () => {
    if (!isInstalled) return;
    const path = join(root, "README.md");
    const readme = readFileSync(path, "utf8");
    expect([...readme.matchAll(SHOWN)].length).toBeGreaterThan(2);
    const real = withRealOutput(readme);
    if (process.env.UPDATE_DOCS === "1") writeFileSync(path, real);
    expect(readFileSync(path, "utf8"), "write it anew: UPDATE_DOCS=1 npx vitest run test/package").toBe(real);
  });

  it("is a library too", () => {
    if (!isInstalled) return;
    const program = `
      import { openAnalysis } from "tcpflow-analyze";
      const analysis = await openAnalysis([process.argv[1]]);
      await analysis.run();
      const [connection] = analysis.worst(1);
      process.stdout.write(JSON.stringify([analysis.summary().packets, connection.outcome, connection.losses]));`;
    const args = ["--input-type=module", "-e", program, join(project, "captures", SAMPLE)];
    const said = execFileSync(process.execPath, args, { cwd: user, encoding: "utf8" });
    expect(JSON.parse(said)).toEqual([13, "completed", ["syn-lost"]]);
  });
});
