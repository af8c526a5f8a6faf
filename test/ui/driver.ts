/**
 * A program for the terminal test: the user interface over the fixture, which is "read" within a given time.
 *
 * Arguments: milliseconds of reading, and optionally how it goes wrong: `crash` throws in the middle, `unreadable`
 * rejects before the first packet.
 */
import { startUi } from "../../src/ui/start.js";
import { FixtureView } from "./fixture-view.js";

const [, , duration = "0", mode = ""] = process.argv;

class TimedView extends FixtureView {
  override run(signal?: AbortSignal): Promise<void> {
    if (mode === "unreadable") return Promise.reject(new Error("this is no capture"));
    const reading = super.run(signal);
    const began = performance.now();
    const timer = setInterval(() => {
      const share = Math.min(1, (performance.now() - began) / Math.max(1, Number(duration)));
      if (mode === "crash" && share > 0.5) throw new Error("crashed on purpose");
      this.readTo(share);
      if (share < 1 && !signal?.aborted) return;
      clearInterval(timer);
      if (share === 1) this.finish();
    }, 20);
    return reading;
  }
}

try {
  process.exit(await startUi(new TimedView(), "made-up.pcap", () => Promise.resolve("saved")));
} catch (error) {
  process.stderr.write(`failed: ${(error as Error).message}\n`);
  process.exit(1);
}
