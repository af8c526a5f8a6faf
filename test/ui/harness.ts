/**
 * The user interface on a fake terminal: open it, type, wait until it is quiet, look at it; and screens kept as files.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";
import { FrameWriter } from "../../src/ui/frame-writer.js";
import { LiveAnalysis } from "../../src/ui/live.js";
import { mount } from "../../src/ui/mount.js";
import { chooseTheme } from "../../src/ui/theme.js";
import { FakeKeyboard, FakeScreen } from "./fake-terminal.js";
import { type FixtureOptions, FixtureView } from "./fixture-view.js";

export interface OpenOptions extends FixtureOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Share of the input that has been read when the screen is first looked at; 1 has also ended. */
  readonly share?: number;
  readonly fileLabel?: string;
  /** The analysis that is shown, where it is not the ordinary fixture. */
  readonly view?: FixtureView;
}

/** One opened user interface. */
export class OpenedUi {
  readonly screen: FakeScreen;
  readonly keyboard = new FakeKeyboard();
  readonly view: FixtureView;
  readonly live: LiveAnalysis;
  readonly actions: string[] = [];
  readonly writer: FrameWriter;
  readonly #unmount: () => void;

  constructor(options: OpenOptions) {
    this.screen = new FakeScreen(options.columns ?? 80, options.rows ?? 24);
    this.view = options.view ?? new FixtureView(options);
    this.live = new LiveAnalysis(this.view);
    this.writer = new FrameWriter(this.screen);
    const noted = (name: string) => () => void this.actions.push(name);
    const mounted = mount({
      live: this.live,
      fileLabel: options.fileLabel ?? "checkout-slow.pcap",
      screen: this.writer,
      keyboard: this.keyboard.asKeyboard(),
      theme: chooseTheme(options.environment ?? { LANG: "en_US.UTF-8" }, "linux"),
      actions: {
        quit: noted("quit"),
        interrupt: noted("interrupt"),
        suspend: noted("suspend"),
        redraw: noted("redraw"),
        save: (record, form) => {
          this.actions.push(`save ${record.id} ${form}`);
          return Promise.resolve(`saved as ./checkout-slow-${record.id}.${form}`);
        },
        copy: (text) => void this.actions.push(`copy ${text}`),
      },
    });
    this.#unmount = () => mounted.unmount();
  }

  /** Types keys (as one piece) and waits until the screen is quiet. */
  async type(...pieces: readonly string[]): Promise<void> {
    for (const piece of pieces) {
      this.keyboard.type(piece);
      await this.settle();
    }
  }

  /** Waits until nothing has been written for some turns of the loop. */
  async settle(): Promise<void> {
    for (let quiet = 0, seen = -1; quiet < 4; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.screen.writes === seen ? quiet + 1 : 0;
      seen = this.screen.writes;
    }
  }

  /** Waits until the screen has looked at the analysis once more. */
  async nextLook(): Promise<void> {
    const { version } = this.live.state();
    await vi.waitUntil(() => this.live.state().version > version);
    await this.settle();
  }

  text(): string {
    return this.screen.text();
  }

  lines(): readonly string[] {
    return this.text().split("\n");
  }

  close(): void {
    this.live.stop();
    this.writer.close();
    this.#unmount();
  }
}

const opened: OpenedUi[] = [];

/** Opens the user interface and reads the fixture as far as asked. */
export async function openUi(options: OpenOptions = {}): Promise<OpenedUi> {
  const ui = new OpenedUi(options);
  opened.push(ui);
  const share = options.share ?? 1;
  ui.live.run().catch(() => {});
  ui.view.readTo(share);
  if (share === 1) ui.view.finish();
  else await ui.nextLook();
  await ui.settle();
  return ui;
}

/** Closes what a test has opened. */
export function closeAll(): void {
  for (const ui of opened.splice(0)) ui.close();
}

/** Compares a screen with the one kept under `name`; UPDATE_SCREENS=1 keeps this one instead. */
export function expectScreen(text: string, name: string): void {
  const path = fileURLToPath(new URL(`screens/${name}.txt`, import.meta.url));
  if (process.env.UPDATE_SCREENS === "1") writeFileSync(path, text);
  expect(existsSync(path), `${path} is missing: UPDATE_SCREENS=1 writes it`).toBe(true);
  expect(text).toBe(readFileSync(path, "utf8"));
}
