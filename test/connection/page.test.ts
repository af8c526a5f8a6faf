/** Pages may be asked for at any time: before the first packet, in the middle of the reading, at the end. */
import { expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import type { Page } from "../../src/report/view.js";

const QUERY = { sort: "start", isDescending: false, search: "", offset: 0, limit: 10 } as const;
const SAMPLE = new URL("../../captures/keep-alive-dead.pcap", import.meta.url).pathname;

it("gives what there is before, while and after the file is read", async () => {
  const pages: Page[] = [];
  const analysis = await openAnalysis([SAMPLE], {
    // Called while connections are in memory and the reading is under way.
    onFinished: async () => {
      pages.push(await analysis.page(QUERY));
      pages.push(await analysis.page({ ...QUERY, sort: "bytes" }));
    },
  });
  expect(await analysis.page(QUERY)).toMatchObject({ total: 0, rows: [] });
  await analysis.run();
  expect(pages).toHaveLength(2);
  expect(await analysis.page(QUERY)).toMatchObject({ total: 1, matching: 1 });
});

it("renews a page that was asked for with connections open", async () => {
  const path = new URL("../../captures/close-wait-leak.pcap", import.meta.url).pathname;
  const analysis = await openAnalysis([path]);
  const running = analysis.run();
  const early: Promise<Page>[] = [];
  for (let i = 0; i < 50; i++) {
    early.push(analysis.page(QUERY));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await running;
  for (const page of await Promise.all(early)) expect(page.rows.length).toBeLessThanOrEqual(2);
  expect((await analysis.page(QUERY)).rows).toHaveLength(2);
});

it("finds connections by the names of their findings, and by endpoints as they are shown", async () => {
  const path = new URL("../../captures/refused.pcap", import.meta.url).pathname;
  const analysis = await openAnalysis([path]);
  await analysis.run();
  const found = async (search: string) => (await analysis.page({ ...QUERY, search })).matching;
  expect(await found("connection-refused")).toBe(2);
  expect(await found("connection-refused [fd77::2]:9")).toBe(1);
  expect(await found("close-wait-leak")).toBe(0);
});
