/**
 * The rights of root, where the program has them: for whom it works instead, and how it gives them up.
 *
 * Capturing needs them for as long as the interface is being opened. Threads share them all: `setuid` of the C library
 * changes every thread of the process.
 */
import { readFileSync } from "node:fs";

export interface LesserUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Whether this is who called sudo, whose files are his own. */
  readonly isCaller: boolean;
}

const NOBODY = 65_534;
const USERS_FILE = "/etc/passwd";

/** Who the program goes on as when it has opened the interface; null where it is not root anyway. */
export function lesserUser(environment: NodeJS.ProcessEnv = process.env): LesserUser | null {
  if (process.getuid?.() !== 0 && process.geteuid?.() !== 0) return null;
  const { SUDO_UID, SUDO_GID, SUDO_USER } = environment;
  const [uid, gid] = [numberOf(SUDO_UID), numberOf(SUDO_GID)];
  // sudo as root itself leaves nobody to go back to.
  if (uid !== null && gid !== null && uid !== 0 && SUDO_USER)
    return { name: SUDO_USER, uid, gid, isCaller: true };
  return { ...(userNamed("nobody") ?? { uid: NOBODY, gid: NOBODY }), name: "nobody", isCaller: false };
}

/** Does something with the rights of that user, and takes those of root back. */
export function asUser<T>(user: LesserUser, action: () => T): T {
  const groups = process.getgroups!();
  process.setgroups!([user.gid]);
  process.setegid!(user.gid);
  process.seteuid!(user.uid);
  try {
    return action();
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
    process.setgroups!(groups);
  }
}

/** Gives the rights of root up, in every thread and for good. Throws where they could be had again. */
export function giveUpRoot(user: LesserUser): void {
  process.setgroups!([user.gid]);
  process.setgid!(user.gid);
  process.setuid!(user.uid);
  let isBack = true;
  try {
    process.setuid!(0);
  } catch {
    isBack = false;
  }
  if (isBack || process.geteuid!() !== user.uid || process.getegid!() !== user.gid)
    throw new Error("the rights of root could not be given up");
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

function userNamed(name: string): { readonly uid: number; readonly gid: number } | null {
  try {
    const line = readFileSync(USERS_FILE, "utf8")
      .split("\n")
      .find((one) => one.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(":") ?? [];
    const [user, group] = [numberOf(uid), numberOf(gid)];
    return user === null || group === null ? null : { uid: user, gid: group };
  } catch {
    return null;
  }
}
