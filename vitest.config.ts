import { defineConfig } from "vitest/config";
import { compileGrammar } from "./tsup.config.js";

/** Where to write results as JSON, beside the usual output; .ci/run counts them. */
const report = process.env.TEST_REPORT;

export default defineConfig({
  plugins: [
    {
      name: "grammars",
      transform: (text, path) => (path.endsWith(".peggy") ? { code: compileGrammar(text), map: null } : null),
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
