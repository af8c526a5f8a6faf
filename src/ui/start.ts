/**
 * Opens the user interface on this terminal and keeps it until it is quit: the way in and the only way out.
 *
 * The first frame is shown before a byte is read. React and Ink are loaded only here, as they are in production: their
 * development builds are several times slower and keep a record of every render. Prints nothing but the screen.
 */
import { FrameWriter } from "./frame-writer.js";
import type { Actions } from "./hooks/use-keys.js";
import { LiveAnalysis, type RunnableAnalysis } from "./live.js";
import { Terminal } from "./terminal.js";

const READ_WITH_ERRORS = 4;
const HUNG_UP = 129;
/** Longest that the last packets of a capture are waited for. */
const CAPTURE_ENDS_WITHIN_MS = 3000;

/** Why the screen is closed: quit by key, told by a signal or Ctrl-C, or because nothing could be read. */
type Ending =
  | { readonly kind: "quit" }
  | { readonly kind: "stopped"; readonly status: number }
  | { readonly kind: "unreadable"; readonly error: unknown };

/**
 * Shows `analysis` (running it from here) under the name `fileLabel` until the user quits; `save` saves a connection.
 * A capture is ended by `endCapture`, on Ctrl-C and signals, and what came last is waited for: then the status is 0.
 * Answers with the exit status: 0, 4 where the capture was damaged, 128 + n where a signal or Ctrl-C ended the reading. Rejects with the
 * error of `run` where not one packet could be read. The terminal is whole again in every case.
 */
export async function startUi(
  analysis: RunnableAnalysis,
  fileLabel: string,
  save: Actions["save"],
  endCapture?: () => void,
): Promise<number> {
  const terminal = new Terminal();
  const { mount, chooseTheme } = await loadDrawing();
  const live = new LiveAnalysis(analysis);
  let end: (ending: Ending) => void = () => {};
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });

  const screen = new FrameWriter(terminal.output);
  /** Ends the reading where it goes on: a capture in good order, anything else where it stands. */
  const stop = (status: number): void => {
    if (endCapture === undefined || !live.state().isReading || status === HUNG_UP) {
      end({ kind: "stopped", status });
      return;
    }
    const finish = (): void => end({ kind: "stopped", status: 0 });
    live.subscribe(() => {
      if (!live.state().isReading) finish();
    });
    setTimeout(finish, CAPTURE_ENDS_WITHIN_MS).unref();
    endCapture();
  };
  terminal.enter(stop, () => screen.close());
  const suspend = async (): Promise<void> => {
    await terminal.suspend();
    screen.redraw();
  };
  try {
    const interrupt = (): void => {
      if (live.state().isReading) stop(130);
      else end({ kind: "quit" });
    };
    const mounted = mount({
      live,
      fileLabel,
      screen,
      keyboard: terminal.keyboard,
      theme: chooseTheme(process.env, process.platform),
      actions: {
        quit: () => end({ kind: "quit" }),
        interrupt,
        suspend: () => void suspend(),
        redraw: () => screen.redraw(),
        save,
        copy: (text) => void terminal.output.write(clipboard(text)),
      },
    });
    // One turn of the loop, so that the frame is on the terminal before the first chunk is asked for.
    await new Promise((resolve) => setImmediate(resolve));
    live.run().catch((error: unknown) => {
      if (analysis.progress().packets === 0) end({ kind: "unreadable", error });
    });
    const ending = await Promise.race([ended, mounted.failed]);
    screen.close();
    live.stop();
    mounted.unmount();
    return statusOf(ending, live);
  } finally {
    live.stop();
    terminal.leave();
  }
}

/** Asks the terminal to take a text into its clipboard (xterm's OSC 52), over ssh as well. */
function clipboard(text: string): string {
  return `\x1b]52;c;${Buffer.from(text, "utf8").toString("base64")}\x07`;
}

function statusOf(ending: Ending, live: LiveAnalysis): number {
  if (ending.kind === "unreadable") throw ending.error;
  if (ending.kind === "stopped") return ending.status;
  const isDamaged = live.state().failure !== null || live.view.progress().problem !== null;
  return isDamaged ? READ_WITH_ERRORS : 0;
}

/**
 * Loads what draws, and with it React, which chooses its build by NODE_ENV once, while it is loaded. In the built program the
 * choice was made when it was built. Whoever asks early has it loaded while something else is waited for.
 */
export async function loadDrawing() {
  const { env } = process;
  const before = env.NODE_ENV;
  env.NODE_ENV ??= "production";
  try {
    const [{ mount }, { chooseTheme }] = await Promise.all([import("./mount.js"), import("./theme.js")]);
    return { mount, chooseTheme };
  } finally {
    if (before === undefined) delete env.NODE_ENV;
  }
}
