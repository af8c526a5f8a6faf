/**
 * One line on standard error that says how far reading has come, while it takes long and somebody looks.
 *
 * Nothing is written where standard error is no terminal, and nothing stays on the screen afterwards.
 */
import { formatBytes, formatCount, formatDuration, type Progress } from "../index.js";

const BEGIN_AFTER_MS = 500;
const STEP_MS = 200;
const ERASE_LINE = "\r\x1b[K";

/** Shows progress until the returned function is called, which wipes it away. */
export function showProgress(progress: () => Progress): () => void {
  if (process.stderr.isTTY !== true) return () => undefined;
  const startedAt = performance.now();
  let isShown = false;
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs < BEGIN_AFTER_MS) return;
    const width = (process.stderr.columns || 80) - 1;
    process.stderr.write(`${ERASE_LINE}${progressText(progress(), elapsedMs).slice(0, width)}`);
    isShown = true;
  }, STEP_MS);
  // A timer alone must not keep the process alive.
  timer.unref();
  return () => {
    clearInterval(timer);
    if (isShown) process.stderr.write(ERASE_LINE);
  };
}

/** The line itself: share, bytes, packets a second, and the time left where the size is known. */
export function progressText(progress: Progress, elapsedMs: number): string {
  const { bytesRead, bytesTotal, packets, packetsPerSecond, capturing } = progress;
  if (capturing !== null) {
    const rate = `${formatCount(Math.round(packetsPerSecond))} packets/s`;
    const dropped = `${formatCount(capturing.droppedPackets)} dropped`;
    return [`capturing ${capturing.name}`, `${formatCount(packets)} packets`, rate, dropped].join("  ");
  }
  const parts = ["reading"];
  if (bytesTotal !== null && bytesTotal > 0) {
    const share = Math.min(1, bytesRead / bytesTotal);
    parts.push(`${Math.floor(share * 100)} %`, `${formatBytes(bytesRead)} of ${formatBytes(bytesTotal)}`);
    parts.push(`${formatCount(packetsPerSecond)} packets/s`);
    if (share > 0)
      parts.push(`${formatDuration(Math.round((elapsedMs * (1 - share)) / share / 1000) * 1000)} left`);
  } else {
    parts.push(formatBytes(bytesRead), `${formatCount(packets)} packets`);
    parts.push(`${formatCount(packetsPerSecond)} packets/s`);
  }
  return parts.join("  ");
}
