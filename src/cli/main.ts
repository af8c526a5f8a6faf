#!/usr/bin/env node
/**
 * The command: arguments in, a screen or a report out, an exit status at the end.
 *
 * Nothing is loaded before it is needed: a report starts without React and Ink, the screens without the analysis, which runs in a
 * thread of theirs, and the version without what reads the command line.
 */
import { canShowUi, chooseFormat } from "./terminal.js";
import { PROGRAM, programVersion } from "./version.js";

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.length === 1 && args[0] === "--version") {
    process.stdout.write(`${programVersion()}\n`);
    return 0;
  }
  const { parseCommandLine } = await import("./options.js");
  const parsed = parseCommandLine(args, programVersion());
  if (parsed.kind === "end") {
    process.stdout.write(parsed.out);
    process.stderr.write(parsed.error);
    return parsed.status;
  }
  if (parsed.kind === "interfaces") {
    const { listInterfaces } = await import("./list-interfaces.js");
    return listInterfaces();
  }
  if (parsed.kind === "explanation") {
    const { explain } = await import("./explain.js");
    return explain(parsed.of);
  }
  const { line } = parsed;
  if (line.extract !== null) {
    const { extract } = await import("./extract.js");
    return extract(line);
  }
  const format = chooseFormat(line);
  if (format === "parquet" && line.output === null && process.stdout.isTTY === true) {
    process.stderr.write(`${PROGRAM}: Parquet is no text for a terminal; name a file: -o FILE.parquet\n`);
    return 2;
  }
  if (format !== "ui") {
    const { report } = await import("./report.js");
    return report(line, format);
  }
  if (!canShowUi(line)) {
    process.stderr.write(
      `${PROGRAM}: the terminal UI needs a terminal; use --text, --json or another format\n`,
    );
    return 2;
  }
  const { showUi } = await import("./show-ui.js");
  return showUi(line);
}

// A reader that went away early is no error, whatever was being written; see also report-stream.ts.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
});

// Not top-level await: what is still to be written when this settles goes out before the process ends.
main().then(
  (status) => {
    process.exitCode = status;
    // Stopped by a signal: a pipe may still be open and would keep the process waiting.
    if (status >= 128) process.exit();
  },
  (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${PROGRAM}: a defect of the program, please report it:\n${text}\n`);
    process.exitCode = 70;
  },
);
