/**
 * Every sample capture against the records and the ladder that are kept beside it, whole and exact.
 *
 * `UPDATE_EXPECTED=1` writes them anew; the difference is to be read line by line before it is committed.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { analyse, ladderLines, SAMPLES } from "./samples.js";

describe.each(SAMPLES)("$name", (sample) => {
  it("is reported as kept", async () => {
    const analysis = await analyse(sample.file);
    const connections = [];
    for (const record of analysis.worst("all")) {
      connections.push({ record, ladder: ladderLines(await analysis.ladder(record.id)) });
    }
    const text = `${JSON.stringify({ connections }, null, 1)}\n`;
    if (process.env.UPDATE_EXPECTED === "1") writeFileSync(sample.expectedFile, text);
    expect(existsSync(sample.expectedFile), "UPDATE_EXPECTED=1 writes what is expected").toBe(true);
    expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(sample.expectedFile, "utf8")));
  });
});
