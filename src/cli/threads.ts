/** Threads for an analysis in parts. */
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { InputOptions, StartPart } from "../index.js";
import type { CommandLine } from "./options.js";
import type { Format } from "./report-options.js";
import { isOfRows } from "./row-formats.js";

/** With more parts this thread, which puts their events in order, is behind them. */
const MOST_PARTS = 8;
/** Below this a single thread is done before others have begun. */
const WORTH_BYTES = 100e6;

/** Threads that follow connections: what the command line says, or as many as are worth it; 1: none but this one. */
export async function threadsFor(line: CommandLine, format: Format): Promise<number> {
  const isReport = !isOfRows(format) && !line.segments;
  if (!isReport || line.capture !== null || line.checksums || line.follow || line.files.includes("-"))
    return 1;
  const files = await Promise.all(line.files.map((file) => stat(file).catch(() => null)));
  if (!files.every((file) => file?.isFile())) return 1;
  if (line.threads !== null) return line.threads;
  const bytes = files.reduce((sum, file) => sum + file!.size, 0);
  return bytes < WORTH_BYTES ? 1 : Math.min(MOST_PARTS, availableParallelism() - 1);
}

/** Starts threads that read these files. */
export function startThreads(files: readonly string[], input: InputOptions): StartPart {
  return (order, hear) => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), {
      workerData: { files, input, order },
    });
    worker.on("message", hear);
    worker.on("error", (failure) => hear({ failure, needsOneThread: false }));
    return () => void worker.terminate();
  };
}
