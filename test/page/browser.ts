/** A real browser for pages: Debian's Chromium, driven by playwright-core. */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const PATHS = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Where a browser is, or null. */
export const browserPath = PATHS.find((path) => path !== undefined && existsSync(path)) ?? null;

export function launch(): Promise<Browser> {
  // Root, in CI, has no sandbox to offer.
  return chromium.launch({ executablePath: browserPath!, args: ["--no-sandbox"] });
}

/** An empty page that may ask no network for anything, and what it complained of. */
export async function openPage(
  browser: Browser,
  options: { readonly colorScheme?: "light" | "dark"; readonly width?: number } = {},
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const { width = 1300, colorScheme = "light" } = options;
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  page.on("console", (message) => void complaints.push(message.text()));
  page.on("pageerror", (error) => void complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) complaints.push(`asked for ${request.url()}`);
  });
  return { page, complaints };
}
