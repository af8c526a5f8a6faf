/**
 * Captures with libpcap until it is told to stop, a time is over, so many packets came or the interface goes away.
 *
 * Blocks its thread: every 20 ms it takes what the kernel has, in batches, so that nothing is done for a packet.
 */

import { cannotCapture } from "./live-errors.js";
import { CaptureHandle } from "./live-handle.js";
import { Libpcap, NoLibpcap } from "./live-libpcap.js";
import type { CaptureControl, CaptureOrder, CaptureSink } from "./live-order.js";
import { captureWithTcpdump, NoTcpdump } from "./live-tcpdump.js";

const POLL_MS = 20;
/** The kernel hands packets over after 100 ms at the latest; what came before the end is waited for. */
const LAST_PACKETS_MS = 120;
/** Longest that the end takes where packets never cease. */
const DRAINING_MS = 500;
const COUNTS_EVERY_MS = 200;

/** Captures with the backend that was asked for, or the one that is there. Throws `SourceError`. */
export async function capture(
  order: CaptureOrder,
  control: CaptureControl,
  sink: CaptureSink,
): Promise<void> {
  const { interfaceName: name, backend } = order;
  let why = "";
  if (backend !== "tcpdump") {
    try {
      captureWithLibpcap(Libpcap.load(), order, control, sink);
      return;
    } catch (error) {
      if (!(error instanceof NoLibpcap)) throw error;
      if (backend === "libpcap") throw cannotCapture(name, error.message);
      why = `${error.message}; `;
    }
  }
  try {
    await captureWithTcpdump(order, control, sink);
  } catch (error) {
    if (!(error instanceof NoTcpdump)) throw error;
    const other = why === "" ? "" : ", which could take its place,";
    throw cannotCapture(
      name,
      `${why}tcpdump${other} is not installed; get it with: sudo apt-get install tcpdump`,
    );
  }
}

function captureWithLibpcap(
  pcap: Libpcap,
  order: CaptureOrder,
  control: CaptureControl,
  sink: CaptureSink,
): void {
  const handle = new CaptureHandle(pcap, order);
  try {
    sink.begin(handle.filter);
    sink.write(handle.header);
    poll(handle, order, control, sink);
  } finally {
    control.counts = handle.counts();
    handle.close();
  }
}

function poll(handle: CaptureHandle, order: CaptureOrder, control: CaptureControl, sink: CaptureSink): void {
  let left = order.packets ?? Number.POSITIVE_INFINITY;
  /** Takes what is there, until a batch is not full or the time is over. */
  const take = (until: number): void => {
    while (left > 0) {
      const most = Math.min(left, handle.batchPackets);
      const { bytes, packets } = handle.batch(most);
      if (packets > 0) sink.write(bytes);
      left -= packets;
      if (packets < most || performance.now() > until) return;
    }
  };
  const deadline =
    order.durationSeconds === null
      ? Number.POSITIVE_INFINITY
      : performance.now() + order.durationSeconds * 1000;
  let countsDue = 0;
  while (left > 0 && !control.isStopped && performance.now() < deadline) {
    take(Math.min(deadline, performance.now() + COUNTS_EVERY_MS));
    const now = performance.now();
    if (now >= countsDue) {
      control.counts = handle.counts();
      countsDue = now + COUNTS_EVERY_MS;
    }
    control.wait(Math.max(0, Math.min(POLL_MS, deadline - now)));
  }
  if (left > 0) {
    control.pause(LAST_PACKETS_MS);
    take(performance.now() + DRAINING_MS);
  }
}
