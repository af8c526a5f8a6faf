import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { build, type Plugin } from "esbuild";
import peggy from "peggy";
import { defineConfig } from "tsup";

/** The parser of a grammar, as a module. */
export function compileGrammar(text: string): string {
  return peggy.generate(text, { output: "source", format: "es" });
}

export const grammars: Plugin = {
  name: "grammars",
  setup({ onLoad }) {
    onLoad({ filter: /\.peggy$/ }, async ({ path }) => ({
      contents: compileGrammar(await readFile(path, "utf8")),
      loader: "js",
    }));
  },
};

/**
 * A page in one text: the scripts and style sheets that it names are bundled into it, and what runs and draws in it is
 * those and nothing else.
 */
export async function compilePage(path: string): Promise<string> {
  let page = await readFile(path, "utf8");
  const allowed = { script: "", style: "" };
  for (const [tag, kind, name] of [
    ...page.matchAll(/<(script) src="([^"]+)"><\/script>|<(?:link) rel="(style)sheet" href="([^"]+)">/g),
  ].map(([tag, script, source, style, href]) => [tag, script ?? style, source ?? href] as const)) {
    const text = await bundled(`${dirname(path)}/${name}`);
    allowed[kind as keyof typeof allowed] +=
      ` 'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    page = page.replace(tag, () => `<${kind}>${text}</${kind}>`);
  }
  const policy = `default-src 'none'; script-src${allowed.script}; style-src${allowed.style}; base-uri 'none'; form-action 'none'`;
  return page.replace(
    "<!-- policy -->",
    () => `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
  );
}

/** Files of which something is in a page. */
const inputsOfPages = new Set<string>();

async function bundled(path: string): Promise<string> {
  const { outputFiles, metafile } = await build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "iife",
    target: "es2022",
  });
  for (const input of Object.keys(metafile.inputs)) inputsOfPages.add(input);
  return outputFiles[0]!.text.trim();
}

export const pages: Plugin = {
  name: "pages",
  setup({ onLoad }) {
    onLoad({ filter: /\.html$/ }, async ({ path }) => ({
      contents: await compilePage(path),
      loader: "text",
    }));
  },
};

/** Writes the licences of all packages of which something is in the built files. */
const licences: Plugin = {
  name: "licences",
  setup({ initialOptions, onEnd }) {
    initialOptions.metafile = true;
    onEnd(async ({ metafile }) => {
      const folders = new Set<string>();
      for (const input of [...Object.keys(metafile?.inputs ?? {}), ...inputsOfPages]) {
        const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
        if (folder !== undefined) folders.add(folder);
      }
      const texts = await Promise.all([...folders].sort().map(licenceOf));
      // The files themselves are written after this.
      await mkdir(initialOptions.outdir!, { recursive: true });
      await writeFile(`${initialOptions.outdir}/third-party-licences.txt`, texts.join("\n"));
    });
  },
};

/** Places where what draws is slow, and what stands there in the built program. */
const SLOW: readonly {
  readonly file: RegExp;
  readonly changes: readonly (readonly [from: string, to: string])[];
}[] = [
  {
    // Yoga, which lays frames out, carries its WebAssembly in a data URL and would fetch it, for which Node loads its whole
    // HTTP client: 40 ms. It can decode the URL itself, where there is no `fetch`.
    file: /yoga-wasm-base64-esm\.js$/,
    changes: [['"function"!=typeof fetch', "true"]],
  },
  {
    // Texts of ASCII alone have their length for a width; any other is taken apart, which is slow, and 60 ms the first time.
    // Latin letters, dashes and dots, arrows, lines, blocks and braille have one column each too (Unicode's EastAsianWidth).
    file: /[\\/]string-width[\\/]index\.js$/,
    changes: [
      [
        "/^[\\u0020-\\u007E]*$/",
        "/^[\\u0020-\\u007E\\u00A1-\\u00AC\\u00AE-\\u02FF\\u2010-\\u2027\\u2190-\\u21FF\\u2500-\\u25FC\\u2800-\\u28FF]*$/",
      ],
    ],
  },
  {
    // Ink takes each line of a frame apart, and again for its clipping. Most lines are those of the frame before, and none is
    // wider than its place: with both, a frame takes a third of the time.
    file: /[\\/]ink[\\/]build[\\/]output\.js$/,
    changes: [
      ["caches = new OutputCaches();", "caches = OutputCaches.current();"],
      [
        "class OutputCaches {",
        "class OutputCaches {\n  static #kept = new OutputCaches();\n  static current() {\n    return this.#kept.styledChars.size < 4096 ? this.#kept : (this.#kept = new OutputCaches());\n  }",
      ],
      [
        "return sliceAnsi(line, from, to);",
        "return from === 0 && to === width ? line : sliceAnsi(line, from, to);",
      ],
    ],
  },
];

const quickScreens: Plugin = {
  name: "quick-screens",
  setup({ onLoad, onEnd }) {
    const missing = new Set(SLOW.flatMap(({ changes }) => changes));
    for (const { file, changes } of SLOW)
      onLoad({ filter: file }, async ({ path }) => {
        let contents = await readFile(path, "utf8");
        for (const change of changes) {
          // An older version of the same may be built in beside it.
          if (contents.includes(change[0])) missing.delete(change);
          contents = contents.replaceAll(...change);
        }
        return { contents, loader: "js" };
      });
    onEnd(() => {
      for (const [from] of missing) throw new Error(`nowhere is ${from}; look at SLOW in tsup.config.ts`);
    });
  },
};

async function licenceOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : await readFile(`${folder}/${file}`, "utf8");
  return `${"-".repeat(80)}\n${name} ${version} (${license})\n\n${text.trim()}\n`;
}

export default defineConfig((command) =>
  // Tools of test/ are built for one run each; the command line says where to.
  command.entry !== undefined
    ? { esbuildPlugins: [grammars, pages], silent: true }
    : {
        entry: {
          cli: "src/cli/main.ts",
          index: "src/index.ts",
          worker: "src/worker.ts",
          engine: "src/engine.ts",
          unpacking: "src/source/unpacking.ts",
          capturing: "src/capturing.ts",
          owners: "src/owners.ts",
        },
        format: "esm",
        target: "node20",
        splitting: true,
        clean: true,
        esbuildPlugins: [grammars, pages, licences, quickScreens],
        // What draws, in one file and as in production: hundreds of files take half a second to find and load. What reads
        // the command line and addresses, because it is loaded each time.
        noExternal: [/^ink$/, /^react($|\/)/, /^commander$/, /^ipaddr\.js$/],
        external: ["react-devtools-core"],
        define: { "process.env.NODE_ENV": '"production"' },
        // Some of it is CommonJS and requires modules of Node.
        banner: {
          js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
        },
        minify: "terser",
        terserOptions: {
          module: true,
          // Constants become literals: as a module's variables each use would load them and look at their kind.
          compress: { passes: 2, inline: false, reduce_funcs: false, sequences: false },
          // Less text to scan at each start; names of functions and classes, and lines, stay for who reads a stack.
          mangle: { keep_fnames: true, keep_classnames: true },
          // One character of another alphabet makes V8 hold, and scan, all of a file's text at two bytes a character.
          format: { beautify: true, indent_level: 0, ascii_only: true },
        },
        silent: true,
      },
);
