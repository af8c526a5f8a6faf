/** Who may import whom: bytes come in on one side of src/, reports go out on the other, and nothing points back. */
import { describe, expect, it } from "vitest";
import { importsOf, partOf, type SourceFile, sourceFiles } from "./source-files.js";

/** What a part may import, besides itself: whole parts, or single files. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  source: [],
  capture: [],
  wire: [],
  tcp: [],
  report: ["tcp"],
  // The eleven names of the states, in the RFC's order.
  query: ["report", "tcp/states.ts"],
  connection: ["wire", "tcp", "report"],
  diagnosis: ["report"],
  // The page of an HTML report, as the build makes it: a text.
  output: ["report", "page/report.html"],
  // Runs in a browser.
  page: ["report", "output"],
  ui: ["report", "query", "output/format.ts", "tcp/states.ts"],
  host: ["report", "analyzer", "tcp", "metrics"],
  metrics: ["report", "analyzer", "tcp"],
  cluster: ["report", "analyzer"],
  analyzer: ["source", "capture", "wire", "tcp", "connection", "report", "diagnosis", "query"],
  index: [
    "source",
    "capture",
    "wire",
    "tcp",
    "connection",
    "report",
    "diagnosis",
    "query",
    "output",
    "analyzer",
  ],
  worker: ["analyzer", "source", "capture"],
  // It tells what cannot be opened, and saves connections, as the command does.
  engine: ["index", "analyzer", "host", "metrics", "cli/filter-complaint.ts", "cli/save-connection.ts"],
  // The names of what captures, which the command line offers, and the screens' view of an analysis: index would bring all
  // of the library with them.
  cli: ["index", "ui", "engine", "host", "metrics", "source/live-order.ts", "analysis-remote.ts"],
};

/** Parts that may use Node's own modules. */
const ON_NODE = ["source", "host", "metrics", "cluster", "cli"];
/** Single files that may too, each with its reason. */
const ON_NODE_FILES: Readonly<Record<string, string>> = {
  "ui/terminal.ts": "opens the terminal itself where standard input is the capture",
  "worker.ts": "is what a thread begins with",
  "engine.ts": "is what a thread begins with",
  "owners.ts": "is a process of its own, which keeps rights that the others give up",
  "capturing.ts": "is what a thread begins with, and writes what it captures",
};

/** Files that pass on names of another part, each with its reason; no file does nothing else. */
const PASSING_ON: Readonly<Record<string, string>> = {
  "output/format.ts":
    "the one place where ui finds how values are written; sentences in report need some of it too",
};

/** Packages that belong to one part alone. */
const PACKAGES_OF: Readonly<Record<string, string>> = {
  ink: "ui",
  react: "ui",
  commander: "cli",
  uplot: "page",
};

function mayImport(file: SourceFile, target: string): boolean {
  const [from, to] = [partOf(file.path), partOf(target)];
  if (from === to) return true;
  const allowed = ALLOWED[from] ?? [];
  return allowed.includes(to) || allowed.includes(target);
}

/** One cycle of files among `edges`, or null. */
function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const visit = (path: string, above: readonly string[]): string[] | null => {
    const start = above.indexOf(path);
    if (start >= 0) return [...above.slice(start), path];
    if (done.has(path)) return null;
    for (const target of edges.get(path) ?? []) {
      const cycle = visit(target, [...above, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return null;
  };
  for (const path of edges.keys()) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return null;
}

const files = sourceFiles();
const locals = files.flatMap((file) =>
  file.imports.filter((one) => one.isLocal).map((one) => ({ file, ...one })),
);
const packages = files.flatMap((file) =>
  file.imports.filter((one) => !one.isLocal).map((one) => ({ file, ...one })),
);

describe("the reader of imports", () => {
  it("finds every shape of an import and tells types from code", () => {
    const text = [
      'import type { A } from "./a.js";',
      'import { type B, type C } from "../tcp/b.js";',
      'import {\n  D,\n  type E,\n} from "./d.js";',
      'export * from "./e.js";',
      'import "node:fs";',
      'const f = await import("ink");',
    ].join("\n");
    const paths = new Set(["wire/a.ts", "tcp/b.ts", "wire/d.tsx", "wire/e.ts"]);
    expect(importsOf("wire/x.ts", text, paths).map((one) => [one.target, one.isTypeOnly])).toEqual([
      ["wire/a.ts", true],
      ["tcp/b.ts", true],
      ["wire/d.tsx", false],
      ["wire/e.ts", false],
      ["node:fs", false],
      ["ink", false],
    ]);
  });

  it("finds a cycle where there is one", () => {
    expect(
      findCycle(
        new Map([
          ["a", ["b"]],
          ["b", ["c"]],
          ["c", ["b"]],
        ]),
      ),
    ).toEqual(["b", "c", "b"]);
    expect(
      findCycle(
        new Map([
          ["a", ["b", "c"]],
          ["b", ["c"]],
        ]),
      ),
    ).toBeNull();
  });

  it("reads the whole of src", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(locals.length).toBeGreaterThan(300);
    const paths = new Set(files.map((file) => file.path));
    expect(
      locals
        .filter((one) => !paths.has(one.target) && !/\.(peggy|html)$/.test(one.target))
        .map((one) => `${one.file.path} → ${one.target}`),
    ).toEqual([]);
  });
});

describe("src", () => {
  it("has only the parts that the rules speak of", () => {
    expect([...new Set(files.map((file) => partOf(file.path)))].filter((part) => !(part in ALLOWED))).toEqual(
      [],
    );
  });

  it("imports in one direction only", () => {
    const wrong = locals.filter((one) => !mayImport(one.file, one.target));
    expect(wrong.map((one) => `${one.file.path} imports ${one.target}`)).toEqual([]);
  });

  it("has no cycle of files whose code needs each other", () => {
    const edges = new Map(
      files.map((file) => [
        file.path,
        file.imports.filter((one) => one.isLocal && !one.isTypeOnly).map((one) => one.target),
      ]),
    );
    expect(findCycle(edges)).toBeNull();
  });

  it("has no barrel but index.ts", () => {
    const passesOn = /^export\s+(type\s+)?(\*|\{[^}]*\})[\w\s]*\bfrom\s/m;
    const barrels = files.filter(
      ({ path, text }) => path !== "index.ts" && !(path in PASSING_ON) && passesOn.test(text),
    );
    expect(barrels.map((file) => file.path)).toEqual([]);
    expect(files.filter((file) => /\/index\.tsx?$/.test(file.path)).map((file) => file.path)).toEqual([]);
  });

  it("uses Node's modules only where bytes, files and terminals are", () => {
    const wrong = packages.filter(
      ({ file, target }) =>
        target.startsWith("node:") && !ON_NODE.includes(partOf(file.path)) && !(file.path in ON_NODE_FILES),
    );
    expect(wrong.map((one) => `${one.file.path} imports ${one.target}`)).toEqual([]);
    const used = packages.filter((one) => one.target.startsWith("node:")).map((one) => one.file.path);
    expect(Object.keys(ON_NODE_FILES).filter((path) => !used.includes(path))).toEqual([]);
  });

  it("keeps React and Ink under ui, and the argument parser under cli", () => {
    const wrong = packages.filter(({ file, target }) => {
      const owner = PACKAGES_OF[target.split("/")[0]!];
      return owner !== undefined && owner !== partOf(file.path);
    });
    expect(wrong.map((one) => `${one.file.path} imports ${one.target}`)).toEqual([]);
    expect(
      files.filter(({ path }) => path.endsWith(".tsx") && partOf(path) !== "ui").map((file) => file.path),
    ).toEqual([]);
  });
});
