/**
 * Files that are opened while the program still has the rights of root, and written after it has given them up.
 *
 * Who called sudo opens them with his own rights. For root a file is made anew, or one that is root's alone is taken: a
 * link that somebody else has laid is never followed.
 */
import { closeSync, constants, fchownSync, fstatSync, lstatSync, openSync, unlinkSync } from "node:fs";
import { SourceError } from "../index.js";
import { asUser, type LesserUser } from "./privileges.js";
import { sentenceOfSystem } from "./report-stream.js";

export interface LastingFile {
  readonly descriptor: number;
  /** Closes it; one that did not exist before is taken away again, where nothing came to stand in it. */
  discard(): void;
}

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/** Opens a file, whose content stays as it is. Throws `SourceError`. */
export function openLasting(path: string, user: LesserUser | null, mode: number): LastingFile {
  const withRights = <T>(action: () => T): T => (user?.isCaller ? asUser(user, action) : action());
  try {
    const { descriptor, isNew } = withRights(() => openFile(path, user, mode));
    return {
      descriptor,
      discard: () => {
        if (isNew) withRights(() => removeEmpty(path, descriptor));
        closeSync(descriptor);
      },
    };
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const isLink = (error as NodeJS.ErrnoException).code === "ELOOP";
    const why = isLink
      ? "is a symbolic link, which root does not follow; name the file itself"
      : sentenceOfSystem(error);
    throw new SourceError("cannot-write", path, why);
  }
}

function openFile(path: string, user: LesserUser | null, mode: number) {
  const isRoot = user !== null && !user.isCaller;
  try {
    const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (isRoot) fchownSync(descriptor, user.uid, user.gid);
    return { descriptor, isNew: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  if (!isRoot) return { descriptor: openSync(path, O_WRONLY | O_CREAT, mode), isNew: false };
  const descriptor = openSync(path, O_WRONLY | O_NOFOLLOW);
  refuseOthers(descriptor, path, user);
  fchownSync(descriptor, user.uid, user.gid);
  return { descriptor, isNew: false };
}

/** For root only a regular file with one name will do, its own or the lesser user's. */
function refuseOthers(descriptor: number, path: string, user: LesserUser): void {
  const stats = fstatSync(descriptor);
  if (stats.isFile() && stats.nlink === 1 && [0, user.uid].includes(stats.uid)) return;
  closeSync(descriptor);
  throw new SourceError(
    "cannot-write",
    path,
    "is no file of root's own, and is not overwritten; name another",
  );
}

function removeEmpty(path: string, descriptor: number): void {
  try {
    const [opened, named] = [fstatSync(descriptor), lstatSync(path)];
    if (opened.size === 0 && opened.ino === named.ino && opened.dev === named.dev) unlinkSync(path);
  } catch {
    // It is gone already, or its folder is.
  }
}
