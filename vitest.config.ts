import { defineConfig } from "vitest/config";
import { compileGrammar, compilePage } from "./tsup.config.js";

/** Where to write results as JSON, beside the usual output; .ci/run counts them. */
const report = process.env.TEST_REPORT;

export default defineConfig({
  plugins: [
    {
      name: "grammars",
      transform: (text, path) => (path.endsWith(".peggy") ? { code: compileGrammar(text), map: null } : null),
    },
    {
      name: "pages",
      enforce: "pre",
      load: async (path) =>
        path.endsWith(".html") ? `export default ${JSON.stringify(await compilePage(path))}` : null,
    },
  ],
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    setupFiles: ["test/property-seed.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
  },
});
