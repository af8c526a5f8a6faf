/**
 * What a record says of a sender's time, beside what its kernel counted (tcp_info): busy_time, in which it had bytes on
 * the way, and rwnd_limited, in which the peer's window held it. Only transfers of a second and more are compared.
 *
 * Linux counts as busy, too, what is no time of the network: the end of each burst, until its last acknowledgment, when the
 * application has given nothing more to send. So the application's share is held from one side only.
 */
import type { ConnectionRecord } from "../../../src/report/record.js";
import type { TrueConnection } from "./recordings.js";

type Host = "c" | "s";
type Pair = readonly [kernel: string, record: string];

const LEAST_TRANSFER_MS = 1000;
/** Points of a hundred by which shares may differ. */
const TOLERANCE = 10;

interface Compared {
  readonly side: ConnectionRecord["client"];
  readonly transferMs: number;
  /** Until the last acknowledgment: the kernel's clock runs that long. */
  readonly wholeMs: number;
  readonly kernelBusyMs: number;
  readonly kernelWindowMs: number;
}

function compared(
  kernel: TrueConnection,
  record: ConnectionRecord,
  host: Host,
  side: "client" | "server",
): Compared | null {
  const { transferMs } = record[side];
  const [busy, window] = [kernel[`busy_us_${host}`], kernel[`rwnd_us_${host}`]];
  if (transferMs === null || transferMs < LEAST_TRANSFER_MS || record[side].limitedBy === null) return null;
  if (busy === undefined || window === undefined || busy === "-" || window === "-") return null;
  return {
    side: record[side],
    transferMs,
    wholeMs: transferMs + (record.initialRttMs ?? 0),
    kernelBusyMs: Number(busy) / 1000,
    kernelWindowMs: Number(window) / 1000,
  };
}

/** Both in points; the record's as the kernel's where they differ by as much as they may. */
function pair(kernel: number, record: number, isNear = Math.abs(kernel - record) <= 0.01 * TOLERANCE): Pair {
  const points = (share: number) => `${Math.round(100 * share)}`;
  return [points(kernel), isNear ? points(kernel) : points(record)];
}

/** The share in which the peer's window was full. */
export function windowShare(...asked: Parameters<typeof compared>): Pair | null {
  const told = compared(...asked);
  return told && pair(told.kernelWindowMs / told.transferMs, told.side.limitedBy!.receiveWindow);
}

/** The share in which bytes were on the way, where the record tells that. */
export function busyShare(...asked: Parameters<typeof compared>): Pair | null {
  const told = compared(...asked);
  if (told === null || told.side.busyMs === null) return null;
  const { wholeMs, transferMs, kernelBusyMs, side } = told;
  return pair(Math.min(1, kernelBusyMs / wholeMs), (side.busyMs! + wholeMs - transferMs) / wholeMs);
}

/** The share that is not the application's: no more than the kernel was busy. */
export function sendingShare(...asked: Parameters<typeof compared>): Pair | null {
  const told = compared(...asked);
  if (told === null) return null;
  const kernel = Math.min(1, told.kernelBusyMs / told.wholeMs);
  const sending = 1 - told.side.limitedBy!.application;
  return pair(kernel, sending, sending <= kernel + 0.01 * TOLERANCE);
}
