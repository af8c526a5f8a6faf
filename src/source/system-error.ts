/**
 * Turns errors of the operating system into one plain sentence each.
 */
import { SourceError, type SourceErrorKind } from "./source.js";

const KINDS: Readonly<Record<string, readonly [SourceErrorKind, string]>> = {
  ENOENT: ["no-such-file", "no such file; check the path"],
  ENOTDIR: ["no-such-file", "a part of the path is not a directory"],
  EISDIR: ["is-a-directory", "is a directory; give the capture files in it"],
  EACCES: ["no-permission", "may not be read by this user; check its permissions"],
  EPERM: ["no-permission", "may not be read by this user; check its permissions"],
  EMFILE: ["unreadable", "too many files are open at once; raise the limit with: ulimit -n 4096"],
  EIO: ["unreadable", "the disk or device reported an error while it was read"],
  ENXIO: ["unreadable", "the device behind it is not there"],
};

/** The `SourceError` for whatever the system threw; an error that is one already stays as it is. */
export function sourceErrorOf(error: unknown, path: string): SourceError {
  if (error instanceof SourceError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known = KINDS[code];
  if (known !== undefined) return new SourceError(known[0], path, known[1], { cause: error });
  const text = error instanceof Error ? error.message : String(error);
  return new SourceError("unreadable", path, `could not be read (${text})`, { cause: error });
}
