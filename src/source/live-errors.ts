/**
 * What keeps a capture from beginning, or ends it, in one sentence each that says what to do.
 */
import { nearestNames } from "./live-interfaces.js";
import { SourceError } from "./source.js";

/** The rights that capturing needs are missing. */
export function noPermission(name: string): SourceError {
  return new SourceError(
    "no-permission",
    name,
    `capturing needs root or CAP_NET_RAW; try: sudo tcpflow-analyze -i ${name}`,
  );
}

export function noSuchInterface(name: string): SourceError {
  const near = nearestNames(name);
  const hint = near.length === 0 ? "tcpflow-analyze -D lists all" : `is ${near.join(" or ")} meant?`;
  return new SourceError("no-such-interface", name, `there is no such interface; ${hint}`);
}

export function interfaceDown(name: string): SourceError {
  return new SourceError(
    "interface-down",
    name,
    `the interface is down; bring it up with: ip link set ${name} up`,
  );
}

export function interfaceGone(name: string): SourceError {
  return new SourceError("interface-gone", name, "the interface went away or down; the capture ended there");
}

/** `message` is libpcap's own; `column` counts from 1 in `filter`. */
export function wrongFilter(name: string, filter: string, message: string, column: number): SourceError {
  const at = column > filter.length ? "at its end" : `at column ${column}`;
  return new SourceError("wrong-filter", name, `the filter "${filter}" is wrong ${at}: ${message}`);
}

/** Neither way of capturing is there; `why` is a clause for libpcap's part. */
export function cannotCapture(name: string, why: string): SourceError {
  return new SourceError("cannot-capture", name, why);
}

export function cannotWrite(name: string, error: unknown): SourceError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = error instanceof Error ? error.message : String(error);
  const why = code === "ENOSPC" ? "there is no space left" : text;
  return new SourceError("cannot-write", name, `packets cannot be written any more (${why})`);
}
