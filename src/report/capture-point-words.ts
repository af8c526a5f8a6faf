/**
 * Where a time was measured, in words: what a leg means, and whether connect() waited longer, hangs on the capture point.
 */
import type { CapturePoint, CaptureSummary } from "./summary.js";

const WORDS: Readonly<Record<CapturePoint, string>> = {
  "near-client": "seen near the client",
  "near-server": "seen near the server",
  middle: "seen in the middle of the path",
  unknown: "capture point unknown",
};

const SHORT_WORDS: Readonly<Record<CapturePoint, string>> = {
  "near-client": "near client",
  "near-server": "near server",
  middle: "mid-path",
  unknown: "point unknown",
};

/** The same where there is little room. */
export function whereSeenBriefly(point: CapturePoint): string {
  return SHORT_WORDS[point];
}

/** "seen near the client" and the like. */
export function whereSeen(point: CapturePoint): string {
  return WORDS[point];
}

/** The same with what follows for `connect`: what the SYN took to the server, and what delayed it before, is not in it. */
export function whereTimed(point: CapturePoint): string {
  return point === "near-server" ? `${WORDS[point]}: connect is a lower bound` : WORDS[point];
}

/** A sentence where the interfaces of a capture listen at several places; null where they do not. */
export function severalPoints({ interfaces }: Pick<CaptureSummary, "interfaces">): string | null {
  const known = interfaces.filter(({ capturePoint }) => capturePoint !== "unknown");
  if (new Set(known.map(({ capturePoint }) => capturePoint)).size < 2) return null;
  const places = known.map(({ name, capturePoint }) => `${name} ${WORDS[capturePoint].replace("seen ", "")}`);
  return `Seen from several places: ${places.join(", ")}. The legs of all handshakes together mix them.`;
}
