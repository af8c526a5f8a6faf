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

/** Places where what draws is slow to begin, and what stands there in the built program. */
const SLOW: readonly { readonly file: RegExp; readonly from: string; readonly to: string }[] = [
  // Yoga, which lays frames out, carries its WebAssembly in a data URL and would fetch it, for which Node loads its whole
  // HTTP client: 40 ms. It can decode the URL itself, where there is no `fetch`.
  { file: /yoga-wasm-base64-esm\.js$/, from: '"function"!=typeof fetch', to: "true" },
  // Texts of ASCII alone have their length for a width; any other is taken apart, which is slow, and 60 ms the first time.
  // Latin letters, dashes and dots, arrows, lines, blocks and braille have one column each as well (Unicode's EastAsianWidth).
  {
    file: /[\\/]string-width[\\/]index\.js$/,
    from: "/^[\\u0020-\\u007E]*$/",
    to: "/^[\\u0020-\\u007E\\u00A1-\\u00AC\\u00AE-\\u02FF\\u2010-\\u2027\\u2190-\\u21FF\\u2500-\\u25FC\\u2800-\\u28FF]*$/",
  },
];

const quickStart: Plugin = {
  name: "quick-start",
  setup({ onLoad, onEnd }) {
    const missing = new Set(SLOW);
    for (const place of SLOW)
      onLoad({ filter: place.file }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        // An older version of the same may be built in beside it.
        if (text.includes(place.from)) missing.delete(place);
        return { contents: text.replaceAll(place.from, place.to), loader: "js" };
      });
    onEnd(() => {
      for (const { file, from } of missing)
        throw new Error(`${file}: no ${from}; look at SLOW in tsup.config.ts`);
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
        },
        format: "esm",
        target: "node20",
        splitting: true,
        clean: true,
        esbuildPlugins: [grammars, pages, licences, quickStart],
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
