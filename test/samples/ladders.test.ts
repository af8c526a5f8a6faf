/** Ladders of many connections, read at once, are those that are read one by one. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";

const captures = new URL("../../captures/", import.meta.url).pathname;
const samples = readdirSync(captures).filter((name) => /\.pcap(ng)?$/.test(name));

describe("ladders read at once", () => {
  it.each(samples)("%s", async (sample) => {
    const analysis = await openAnalysis([`${captures}${sample}`]);
    await analysis.run();
    const records = analysis.worst("all").slice(0, 12);
    const together = await analysis.ladders(records);
    expect(together.map(({ record }) => record.id)).toEqual(records.map(({ id }) => id));
    for (const ladder of together) expect(ladder).toEqual(await analysis.ladder(ladder.record.id));
  });

  it("say why they have no rows where the input cannot be read again", async () => {
    const analysis = await openAnalysis([`${captures}loss.pcap`], { reopen: undefined as never });
    await analysis.run();
    const [ladder] = await analysis.ladders(analysis.worst("all"));
    expect(ladder!.absent).toBe("the input was a pipe: its packets were not kept");
  });
});
