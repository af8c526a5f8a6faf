/** Clauses of a connection's sentence about its transfers: stalls, and what limited them where it was not the sender itself. */
import { formatDuration, formatNumberOf, formatPercent } from "./quantities.js";
import type { ConnectionRecord, Side } from "./record.js";
import { otherSide } from "./wording.js";

/** Somebody notices a stall of this length, or of this share of the whole. */
const NOTABLE_STALL_MS = 500;
const NOTABLE_SHARE = 0.25;
/** A shorter transfer is over before its limits matter. */
const NOTABLE_TRANSFER_MS = 200;

/** Stalls of the side's transfer, or how much of it went into repairing losses. */
export function stalls(record: ConnectionRecord, side: Side): string[] {
  const { stall, limitedBy, transferMs } = record[side];
  // How a sender gave up is told already.
  const isGivenUp = record.gaveUp?.side === side;
  const totalMs = stall?.totalMs ?? 0;
  if (
    stall !== null &&
    !isGivenUp &&
    (totalMs >= NOTABLE_STALL_MS || totalMs >= NOTABLE_SHARE * (transferMs ?? 0))
  ) {
    const from = stall.fromFrame === null ? "" : ` (frame ${stall.fromFrame})`;
    const longest = stall.count === 1 ? from : `, the longest ${formatDuration(stall.longestMs)}${from}`;
    return [
      `the ${side} stalled ${formatDuration(totalMs)} in ${formatNumberOf(stall.count, "timeout")}${longest}`,
    ];
  }
  if (stall !== null || !isLongEnough(transferMs) || limitedBy === null || limitedBy.network < NOTABLE_SHARE)
    return [];
  return [`the ${side} repaired losses for ${formatPercent(limitedBy.network)} of its transfer`];
}

/** A receiver that kept the side's transfer slow. */
export function windowLimit(record: ConnectionRecord, side: Side): string[] {
  const { limitedBy, transferMs } = record[side];
  if (!isLongEnough(transferMs) || limitedBy === null || limitedBy.receiveWindow < NOTABLE_SHARE) return [];
  const share = formatPercent(limitedBy.receiveWindow);
  return [`the ${side} was limited by the ${otherSide(side)}'s receive window for ${share} of its transfer`];
}

function isLongEnough(transferMs: number | null): boolean {
  return transferMs !== null && transferMs >= NOTABLE_TRANSFER_MS;
}
