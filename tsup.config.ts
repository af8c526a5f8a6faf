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
        esbuildPlugins: [grammars, pages, licences],
        // What draws, in one file and as in production: hundreds of files take half a second to find and load.
        noExternal: [/^ink$/, /^react($|\/)/],
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
          mangle: false,
          format: { beautify: true, indent_level: 2 },
        },
        silent: true,
      },
);
