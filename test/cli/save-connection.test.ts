/** A connection saved from the screens: where, in what form, and never over something else. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { saveConnection } from "../../src/cli/save-connection.js";
import { openAnalysis } from "../../src/index.js";

const sample = new URL("../../captures/loss.pcap", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "save-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function opened(paths: readonly string[]) {
  const analysis = await openAnalysis(paths);
  await analysis.run();
  return { analysis, record: analysis.worst(1)[0]! };
}

it("its packets, under the next free name, for nobody else to read", async () => {
  const { analysis, record } = await opened([sample]);
  const save = () => saveConnection([sample], analysis, record, "pcap", folder);
  expect(await save()).toMatch(/^\d+ packets saved as .*\/loss-1\.pcap$/);
  expect(await save()).toMatch(/\/loss-1-2\.pcap$/);
  const path = join(folder, "loss-1.pcap");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path).equals(readFileSync(join(folder, "loss-1-2.pcap")))).toBe(true);
  expect((await opened([path])).record.client.bytes).toBe(record.client.bytes);
});

it("its record and ladder as JSON", async () => {
  const { analysis, record } = await opened([sample]);
  expect(await saveConnection([sample], analysis, record, "json", folder)).toMatch(
    /^saved as .*\/loss-1\.json$/,
  );
  const saved = JSON.parse(readFileSync(join(folder, "loss-1.json"), "utf8"));
  expect(saved.connection.id).toBe(record.id);
});

it("under a name of plain characters, whatever the capture is called", async () => {
  const odd = join(folder, "-a b;\u001b[2J$(x).pcap.gz.pcap");
  writeFileSync(odd, readFileSync(sample));
  const { analysis, record } = await opened([odd]);
  const said = await saveConnection([odd], analysis, record, "pcap", folder);
  expect(said).toMatch(/saved as .*\/a_b_2J_x_-1\.pcap$/);
});

it("says so where it cannot be", async () => {
  const { analysis, record } = await opened([sample]);
  const before = readdirSync(folder).length;
  expect(await saveConnection(["-"], analysis, record, "pcap", folder)).toMatch(/was a pipe/);
  expect(await saveConnection([sample], analysis, record, "pcap", join(folder, "none"))).toMatch(
    /^not saved: its directory does not exist/,
  );
  expect(await saveConnection(["/gone.pcap"], analysis, record, "pcap", folder)).toMatch(
    /^not saved: .*gone\.pcap/,
  );
  expect(readdirSync(folder)).toHaveLength(before);
});
