/**
 * Hands the application to Ink: one tree, whole frames to the frame writer, keys from the given keyboard.
 *
 * `debug` is Ink's name for "every frame whole, at once, and nothing else": no throttle, no cursor games, no patched
 * console. Ctrl-C is a key like any other here. No signal and no terminal mode is touched in this file.
 */
import { render } from "ink";
import { App } from "./app.js";
import type { FrameWriter } from "./frame-writer.js";
import type { Actions } from "./hooks/use-keys.js";
import type { LiveAnalysis } from "./live.js";
import type { Keyboard } from "./terminal.js";
import { type Theme, ThemeContext } from "./theme.js";

export interface MountOptions {
  readonly live: LiveAnalysis;
  readonly fileLabel: string;
  readonly screen: FrameWriter;
  readonly keyboard: Keyboard;
  readonly theme: Theme;
  readonly actions: Actions;
}

export interface Mounted {
  /** Never fulfilled; rejected when drawing fails. */
  readonly failed: Promise<never>;
  unmount(): void;
}

/** Draws the first frame before it returns. */
export function mount(options: MountOptions): Mounted {
  const instance = render(
    <ThemeContext value={options.theme}>
      <App
        live={options.live}
        fileLabel={options.fileLabel}
        screen={options.screen}
        actions={options.actions}
      />
    </ThemeContext>,
    {
      stdout: options.screen as unknown as NodeJS.WriteStream,
      stdin: options.keyboard,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
      isScreenReaderEnabled: false,
    },
  );
  const failed = new Promise<never>((_, reject) => {
    instance.waitUntilExit().catch(reject);
  });
  return { failed, unmount: () => instance.unmount() };
}
