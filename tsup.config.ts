import { defineConfig } from "tsup";

export default defineConfig({
  entry: { cli: "src/cli/main.ts", index: "src/index.ts", worker: "src/worker.ts" },
  format: "esm",
  target: "node20",
  splitting: true,
  clean: true,
  minify: "terser",
  terserOptions: {
    module: true,
    // Constants become literals: as a module's variables each use would load them and look at their kind.
    compress: { passes: 2, inline: false, reduce_funcs: false, sequences: false },
    mangle: false,
    format: { beautify: true, indent_level: 2 },
  },
  silent: true,
});
