/**
 * Captures with libpcap until it is told to stop, a time is over, so many packets came or the interface goes away.
 *
 * Blocks its thread: every 20 ms it takes what the kernel has, in batches, so that nothing is done for a packet.
 */

import { cannotCapture } from "./live-errors.js";
import { CaptureHandle } from "./live-handle.js";
import { Libpcap, NoLibpcap } from "./live-libpcap.js";
import {
  type CaptureControl,
  type CaptureCounts,
  type CaptureOrder,
  type CaptureSink,
  captureName,
} from "./live-order.js";
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
  const { backend, interfaceNames } = order;
  const name = captureName(order);
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
  if (interfaceNames.length > 1)
    throw cannotCapture(
      name,
      `${why}several interfaces at once are captured with libpcap alone, not with tcpdump`,
    );
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
  const handles: CaptureHandle[] = [];
  try {
    for (const name of order.interfaceNames) handles.push(new CaptureHandle(pcap, order, name));
    sink.begin(handles.map(({ filter }) => filter));
    for (const [number, handle] of handles.entries()) sink.write(handle.header, number);
    poll(handles, order, control, sink);
  } finally {
    tellCounts(handles, control, sink);
    for (const handle of handles) handle.close();
  }
}

function tellCounts(handles: readonly CaptureHandle[], control: CaptureControl, sink: CaptureSink): void {
  const counts = handles.map((handle) => handle.counts());
  const sum = (name: keyof CaptureCounts) => counts.reduce((all, one) => all + one[name], 0);
  control.counts = {
    received: sum("received"),
    droppedByKernel: sum("droppedByKernel"),
    droppedByInterface: sum("droppedByInterface"),
  };
  sink.count?.(counts);
}

function poll(
  handles: readonly CaptureHandle[],
  order: CaptureOrder,
  control: CaptureControl,
  sink: CaptureSink,
): void {
  let left = order.packets ?? Number.POSITIVE_INFINITY;
  /** Takes what is there, of each until a batch is not full or the time is over. */
  const take = (until: number): void => {
    let isAll = true;
    for (const [number, handle] of handles.entries()) {
      for (let isFull = true; isFull && left > 0; ) {
        const most = Math.min(left, handle.batchPackets);
        const { bytes, packets } = handle.batch(most);
        if (packets > 0) sink.write(bytes, number);
        left -= packets;
        isFull = packets === most;
        if (isFull && performance.now() > until) {
          isAll = false;
          break;
        }
      }
    }
    if (isAll) sink.settle?.(LAST_PACKETS_MS);
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
      tellCounts(handles, control, sink);
      countsDue = now + COUNTS_EVERY_MS;
    }
    control.wait(Math.max(0, Math.min(POLL_MS, deadline - now)));
  }
  if (left > 0) {
    control.pause(LAST_PACKETS_MS);
    take(performance.now() + DRAINING_MS);
  }
}
