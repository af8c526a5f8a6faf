import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";
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

export default defineConfig((command) =>
  // Tools of test/ are built for one run each; the command line says where to.
  command.entry !== undefined
    ? { esbuildPlugins: [grammars], silent: true }
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
        esbuildPlugins: [grammars],
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
