/**
 * Opens what a path names: a regular file, a FIFO or device, or standard input for `-`; tells compression by content.
 *
 * Regular files are read at positions; everything else as its bytes arrive.
 */
import { close, createReadStream, fstatSync, open } from "node:fs";
import { Socket } from "node:net";
import { isatty } from "node:tty";
import { promisify } from "node:util";
import { decompressing } from "./decompress.js";
import { FileSource } from "./file-source.js";
import { FollowedFile } from "./followed-file.js";
import { type Source, SourceError } from "./source.js";
import { StreamSource } from "./stream-source.js";
import { sourceErrorOf } from "./system-error.js";
import { UnpackedSource } from "./unpacked-source.js";

const STANDARD_INPUT = "standard input";
const openDescriptor = promisify(open);
const closeDescriptor = promisify(close);

/** Opens a file, or standard input for `-`. Throws `SourceError` with one plain sentence. */
export async function openSource(pathOrDash: string): Promise<Source> {
  const source = pathOrDash === "-" ? openStandardInput() : await openPath(pathOrDash, 0);
  const plain = await decompressing(source);
  const isUnpackedAhead =
    plain.compression !== null && source instanceof FileSource && UnpackedSource.isWorth(source);
  return isUnpackedAhead ? new UnpackedSource(source, plain) : plain;
}

/**
 * Opens a regular file that is still written: its end is waited for until `stop` is aborted. Throws `SourceError`, also for
 * a compressed one, whose blocks may be whole long after their bytes came.
 */
export async function openFollowed(path: string, stop: AbortSignal): Promise<Source> {
  const source = await decompressing(await openPath(path, 0, stop));
  if (source.compression === null) return source;
  await source.close();
  throw new SourceError("unreadable", path, "is compressed; only a plain capture can be followed (-f)");
}

/** Opens a regular file again, from byte `offset` on, and decompresses nothing. Throws `SourceError`. */
export async function openSourceAt(path: string, offset: number): Promise<Source> {
  const source = await openPath(path, offset);
  if (source instanceof FileSource) return source;
  await source.close();
  throw new SourceError("unreadable", path, "is no regular file; it cannot be read from the middle");
}

/** With `stop` the end of a regular file is waited for until then, and nothing else is opened. */
async function openPath(path: string, offset: number, stop?: AbortSignal): Promise<Source> {
  let descriptor = -1;
  try {
    descriptor = await openDescriptor(path, "r");
    const stats = fstatSync(descriptor);
    if (stats.isFile())
      return stop
        ? new FollowedFile(descriptor, path, stop)
        : new FileSource(descriptor, path, stats.size, offset);
    if (stop)
      throw new SourceError("unreadable", path, "is no regular file; only those can be followed (-f)");
    if (stats.isDirectory()) {
      throw new SourceError("is-a-directory", path, "is a directory; give the capture files in it");
    }
    // A blocking read of a FIFO would hold one of the few threads that also read files; a socket waits without one.
    if (stats.isFIFO())
      return new StreamSource(new Socket({ fd: descriptor, readable: true, writable: false }), path);
    return new StreamSource(createReadStream(path, { fd: descriptor }), path);
  } catch (error) {
    if (descriptor >= 0) await closeDescriptor(descriptor);
    throw sourceErrorOf(error, path);
  }
}

function openStandardInput(): Source {
  if (isatty(0)) {
    throw new SourceError(
      "is-a-terminal",
      STANDARD_INPUT,
      "is a terminal; pipe a capture into it or name a file",
    );
  }
  let isRegular: boolean;
  let size = 0;
  try {
    const stats = fstatSync(0);
    if (stats.isDirectory()) {
      throw new SourceError("is-a-directory", STANDARD_INPUT, "is a directory; give the capture files in it");
    }
    isRegular = stats.isFile();
    size = stats.size;
  } catch (error) {
    throw sourceErrorOf(error, STANDARD_INPUT);
  }
  // A shell's `< file` may stand anywhere in the file; a fresh redirection stands at its beginning.
  return isRegular && size > 0
    ? new FileSource(0, STANDARD_INPUT, size)
    : new StreamSource(process.stdin, STANDARD_INPUT);
}
