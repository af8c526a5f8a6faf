import { defineConfig } from "tsup";

export default defineConfig({
  entry: { cli: "src/cli/main.ts", index: "src/index.ts" },
  format: "esm",
  target: "node20",
  splitting: true,
  clean: true,
  minifySyntax: true,
  silent: true,
});
