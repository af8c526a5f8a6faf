/** HTML reports in a real browser: every screen, keys, what an attacker may put into a capture, and very many connections. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectionsInDetail, htmlDocument, openAnalysis } from "../../src/index.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { makeLadder, makeRecord, makeSummary, makeTls } from "../report/record-fixture.js";
import { browserPath, launch, openPage } from "./browser.js";

if (browserPath === null) console.log("left out: HTML reports in a browser, since there is no Chromium here");

const folder = mkdtempSync(join(tmpdir(), "tcpflow-analyze-page-"));
const generator = { name: "tcpflow-analyze", version: "0.0.0" };
const captures = new URL("../../captures/", import.meta.url).pathname;

/** The report of a sample, as a file. */
async function reportOf(sample: string): Promise<string> {
  const analysis = await openAnalysis([`${captures}${sample}`]);
  await analysis.run();
  const ladders = await analysis.ladders(connectionsInDetail(analysis.eachWorst("all"), 20e6));
  return saved(sample, htmlDocument(analysis.summary(), analysis.eachWorst("all"), ladders, generator));
}

function saved(name: string, pieces: Iterable<string>): string {
  const path = join(folder, `${name}.html`);
  writeFileSync(path, [...pieces].join(""));
  return `file://${path}`;
}

/** Text that the person at the screen sees. */
function seen(page: Page): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not seen
  return page.locator("main").innerText();
}

describe.runIf(browserPath !== null)("an HTML report", { timeout: 60_000 }, () => {
  let browser: Browser;
  let losses: string;
  beforeAll(async () => {
    browser = await launch();
    losses = await reportOf("loss-burst.pcap");
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it.each([
    [
      "overview",
      [
        "Losses of many connections at one moment",
        "Time to connect",
        "fast retransmission",
        "What was sent again when, and why",
        "ESTABLISHED",
      ],
    ],
    ["findings", ["Findings (", "has to act", "what to do", "connection 6", "retransmission-burst"]],
    ["connections", ["10 connections", "10.77.0.1:40130", "graceful", "TIME_WAIT"]],
    ["servers", ["10.77.0.2:8000", "connect p50", "sent again"]],
    ["clients", ["10.77.0.1"]],
    [
      "connection=1",
      ["10.77.0.1:40130 → 10.77.0.2:8000", "tail-loss probe", "Sequence numbers of the client", "SYN_SENT"],
    ],
    ["connection=99", ["No connection of this file has the id"]],
  ])("shows %s without a complaint of the browser's", async (screen, texts) => {
    const { page, complaints } = await openPage(browser);
    await page.goto(`${losses}#${screen}`);
    for (const text of texts) await expect.poll(() => seen(page)).toContain(text);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("draws its graphs", async () => {
    const { page } = await openPage(browser);
    await page.goto(`${losses}#connection=1`);
    await page.waitForSelector(".uplot canvas");
    // Functions for the page are texts: the types of its world are not those of the tests.
    const colours = await page.evaluate<
      number[]
    >(`[...document.querySelectorAll(".uplot canvas")].map((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    })`);
    // Sequence numbers, bytes in flight, round trips: each more than an empty frame.
    expect(colours).toHaveLength(3);
    for (const count of colours) expect(count).toBeGreaterThan(20);
    await page.close();
  });

  it("draws its graphs anew where the reader's system becomes dark", async () => {
    const { page } = await openPage(browser);
    await page.goto(`${losses}#connection=1`);
    await page.waitForSelector(".uplot canvas");
    const picture = () => page.evaluate<string>('document.querySelector(".uplot canvas").toDataURL()');
    const light = await picture();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(picture).not.toBe(light);
    await page.emulateMedia({ colorScheme: "light" });
    await expect.poll(picture).toBe(light);
    await page.close();
  });

  it("enlarges what is drawn over, and shows all again", async () => {
    const { page } = await openPage(browser);
    await page.goto(`${losses}#connection=1`);
    const over = (await page.locator(".u-over").first().boundingBox())!;
    const picture = () => page.locator(".uplot canvas").first().screenshot();
    const before = await picture();
    await page.mouse.move(over.x + over.width * 0.6, over.y + 60);
    await page.mouse.down();
    await page.mouse.move(over.x + over.width * 0.8, over.y + 300, { steps: 5 });
    await page.mouse.up();
    expect((await picture()).equals(before)).toBe(false);
    await page.mouse.dblclick(over.x + over.width * 0.5, over.y + 100);
    await page.mouse.move(0, 0);
    await expect.poll(async () => (await picture()).equals(before)).toBe(true);
    await page.close();
  });

  it("leads from a finding to the packet that shows it, and back", async () => {
    const { page } = await openPage(browser);
    await page.goto(`${losses}#findings`);
    const link = page
      .locator(".finding", { hasText: "Losses of many connections" })
      .getByRole("link", { name: "192" });
    await page.evaluate("scrollTo(0, 70)");
    await link.scrollIntoViewIfNeeded();
    const left = await page.evaluate<number>("scrollY");
    expect(left).toBeGreaterThan(0);
    await link.click();
    await expect.poll(() => page.locator(".ladder tr.here th").textContent()).toBe("192");
    // In the middle of the window, which is 900 pixels high.
    const top = async () => (await page.locator(".ladder tr.here").boundingBox())!.y;
    await expect.poll(top).toBeGreaterThan(100);
    expect(await top()).toBeLessThan(800);
    await page.goBack();
    await expect.poll(() => seen(page)).toContain("Findings (");
    await expect.poll(() => page.evaluate("scrollY")).toBe(left);
    await page.close();
  });

  it("sorts, finds words, and opens a connection by keys alone", async () => {
    const { page } = await openPage(browser);
    await page.goto(`${losses}#connections`);
    const first = () => page.locator(".rows tbody tr:not(.room) th").first().textContent();
    await page.getByRole("button", { name: "duration" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(first).toBe("10");
    await page.getByRole("button", { name: "id" }).focus();
    await page.keyboard.press("Enter");
    const ids = () => page.locator(".rows tbody tr:not(.room) th").allTextContents();
    const byNumber = (await ids()).sort((a, b) => Number(a) - Number(b));
    await expect.poll(ids).toEqual(byNumber);
    await page.getByRole("button", { name: "duration" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(first).toBe("10");
    await page.locator("#search").fill("40152 graceful");
    await expect.poll(() => seen(page)).toContain("1 connection");
    await page.locator("#search").fill("");
    await page.locator(".pane").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => seen(page)).toContain("connection 8");
    await page.close();
  });

  it("keeps the focus where it sorts, in the tables of connections and of servers", async () => {
    const { page } = await openPage(browser);
    for (const screen of ["connections", "servers"]) {
      await page.goto(`${losses}#${screen}`);
      const heading = page.getByRole("columnheader", { name: "sent again" });
      await heading.getByRole("button").focus();
      for (const order of ["descending", "ascending"]) {
        await page.keyboard.press("Enter");
        await expect.poll(() => heading.getAttribute("aria-sort")).toBe(order);
      }
      expect(await page.locator("[aria-sort]").count()).toBe(1);
    }
    await page.close();
  });

  it("lets a cell of the table be selected and copied", async () => {
    const { page } = await openPage(browser);
    await page.goto(`${losses}#connections`);
    const row = page.locator(".rows tbody tr:not(.room)").nth(3);
    const cell = row.locator("td").nth(3);
    await cell.dblclick();
    await expect.poll(() => row.getAttribute("class")).toBe("here");
    expect(await page.locator(".rows tr.here").count()).toBe(1);
    const selected = await page.evaluate<string>("getSelection().toString().trim()");
    expect(selected).not.toBe("");
    expect(await row.textContent()).toContain(selected);
    await page.close();
  });

  it.each([
    ["light", "rgb(255, 255, 255)"],
    ["dark", "rgb(20, 23, 27)"],
  ] as const)("is %s where the reader's system is", async (colorScheme, ground) => {
    const { page } = await openPage(browser, { colorScheme });
    await page.goto(losses);
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(ground);
    await page.close();
  });

  it("prints without what only a screen has use for", async () => {
    const { page } = await openPage(browser);
    await page.goto(losses);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("nav").isVisible()).toBe(false);
    expect(await page.locator(".print").isVisible()).toBe(true);
    await page.close();
  });

  it("does not scroll sideways on a narrow screen", async () => {
    const { page } = await openPage(browser, { width: 380 });
    for (const screen of ["overview", "findings", "connections", "servers", "connection=1"]) {
      await page.goto(`${losses}#${screen}`);
      const beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      expect(await page.evaluate(beyond), screen).toBeLessThanOrEqual(0);
    }
    await page.close();
  });

  it("never takes what a capture says for markup", async () => {
    const hostile =
      '</script><script>window.taken=1</script><img src=x onerror="window.taken=1">\u202e\u001b]0;x\u0007';
    const record = makeRecord({ id: hostile, tls: makeTls({ sni: hostile }), findings: [hostile] });
    const summary = makeSummary({ files: [hostile], notes: [hostile] });
    const pieces = htmlDocument(summary, [record], [makeLadder({ record })], {
      name: hostile,
      version: hostile,
    });
    const { page, complaints } = await openPage(browser);
    const path = saved("hostile", pieces);
    for (const screen of [
      "overview",
      "findings",
      "connections",
      "servers",
      `connection=${encodeURIComponent(hostile)}`,
    ]) {
      await page.goto(`${path}#${screen}`);
      await expect.poll(() => seen(page)).not.toBe("");
      expect(await page.evaluate('"taken" in window')).toBe(false);
      expect(await page.locator("img").count()).toBe(0);
    }
    expect(await page.locator("h1").textContent()).toBe(
      hostile.replace("\u202e\u001b]0;x\u0007", "\\u202e\\x1b]0;x\\x07"),
    );
    expect(await page.title()).toContain("\\u202e");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("says what is wrong where the file was cut short or damaged", async () => {
    const whole = [...htmlDocument(makeSummary(), [makeRecord()], [], generator)].join("");
    const data = whole.indexOf('{"generator"');
    const { page } = await openPage(browser);
    await page.goto(saved("cut", [whole.slice(0, data + 100)]));
    await expect.poll(() => seen(page)).toContain("the file is not whole");
    await page.goto(saved("damaged", [whole.slice(0, data + 100), whole.slice(data + 120)]));
    await expect.poll(() => page.locator("header").textContent()).toBe("The data of this report is damaged.");
    expect(await seen(page)).toContain("the file is not whole");
    await page.goto(saved("whole", [whole]));
    await expect.poll(() => seen(page)).not.toContain("the file is not whole");
    await page.close();
  });

  it("shows an ICMP error without numbers, which it has none of", async () => {
    const { page } = await openPage(browser);
    const sample = await reportOf("unreachable-port.pcap");
    await page.goto(`${sample}#connection=1`);
    const arrow = page.locator(".ladder .arrow", { hasText: "ICMP" }).first();
    await expect.poll(() => arrow.locator("span").last().textContent()).toBe("ICMP");
    await page.close();
  });

  it("counts each repeat under one reason, and the needless ones beside them", async () => {
    const summary = makeSummary({
      retransmissions: 10,
      synRetransmissions: 0,
      synAckRetransmissions: 0,
      timeouts: 0,
      timeoutRepeats: 0,
      tailLossProbes: 0,
      fastRetransmissions: 6,
      finRetransmissions: 4,
      spuriousRetransmissions: 5,
    });
    const { page } = await openPage(browser);
    await page.goto(saved("repeats", htmlDocument(summary, [], [], generator)));
    const why = page.locator("section", { hasText: "What was sent again, and why" }).last();
    await expect
      .poll(() => why.locator("tr").allTextContents())
      .toEqual(["FIN440.0 %", "fast retransmission660.0 %"]);
    expect(await why.textContent()).toContain("Needless were 5 of 10 (50.0 %)");
    await page.close();
  });

  it("keeps what it does to 50,000 connections to the rows in sight", async () => {
    const records = function* (): Generator<ConnectionRecord> {
      const { client } = makeRecord();
      for (let i = 0; i < 50_000; i++)
        yield makeRecord({ id: `${i}`, startMs: i, client: { ...client, port: i } });
    };
    const { page } = await openPage(browser);
    await page.goto(`${saved("many", htmlDocument(makeSummary(), records(), [], generator))}#connections`);
    const rows = page.locator(".rows tbody tr:not(.room)");
    expect(await rows.count()).toBeLessThan(100);
    await page.locator(".pane").focus();
    await page.keyboard.press("End");
    await expect.poll(() => rows.last().textContent()).toContain("49999");
    // Another screen and back: at the same place.
    await page.getByRole("link", { name: "Servers" }).click();
    await expect.poll(() => seen(page)).toContain("connect p50");
    await page.goBack();
    await expect.poll(() => rows.last().textContent()).toContain("49999");
    expect(await page.locator(".rows tr.here").textContent()).toContain("49999");
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    expect(await seen(page)).toContain("the first 200 of 50,000 connections");
    expect(await rows.count()).toBe(200);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    await expect.poll(() => rows.last().textContent()).toContain("49999");
    // It has no details.
    await page.locator(".pane").focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => seen(page)).toContain("The packets of connection 49999 are not in this file");
    await page.goto(page.url().replace("#connections", "#connection=49999"));
    await expect.poll(() => seen(page)).toContain("no more than its row");
    await page.goBack();
    await page.locator("#search").fill(":49998");
    await expect.poll(() => rows.allTextContents()).toHaveLength(1);
    await page.close();
  });
});
