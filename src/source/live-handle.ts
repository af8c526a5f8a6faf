/**
 * An interface opened for capturing with libpcap: packets in batches, each a whole piece of a pcap file.
 */
import {
  cannotCapture,
  interfaceDown,
  interfaceGone,
  noPermission,
  noSuchInterface,
  wrongFilter,
} from "./live-errors.js";
import { kernelFilters, wrongColumn } from "./live-filter.js";
import { type Libpcap, PCAP_ERROR, type Pointer } from "./live-libpcap.js";
import type { CaptureCounts, CaptureOrder } from "./live-order.js";

const ERROR_BYTES = 256;
const NANOSECONDS = 1;
/** Longest that the kernel keeps packets to itself; reading never waits for it. */
const KERNEL_PAUSE_MS = 100;
const BATCH_BYTES = 4 * 1024 * 1024;
/** Most packets of a batch: one that is full is followed by the next at once. */
const BATCH_PACKETS_MIN = 16;
const RECORD_HEADER_BYTES = 16;
/** libpcap's name for all interfaces together, and the second form of its link type (LINKTYPE_LINUX_SLL2). */
const ALL_INTERFACES = "any";
const DLT_LINUX_SLL2 = 276;
const NETMASK_UNKNOWN = 0xffff_ffff;

export class CaptureHandle {
  /** The header of the pcap file that the batches continue. */
  readonly header: Uint8Array;
  /** Packets that one batch may hold. */
  readonly batchPackets: number;
  /** The filter that the kernel applies. */
  readonly filter: string;
  readonly #pcap: Libpcap;
  readonly #handle: Pointer;
  readonly #name: string;
  readonly #memory: Uint8Array;
  readonly #stream: Pointer;
  readonly #dump: Pointer;
  readonly #counts: { readonly at: Pointer; readonly bytes: Uint8Array };

  /** Throws `SourceError`. */
  constructor(pcap: Libpcap, order: CaptureOrder, name: string) {
    this.#pcap = pcap;
    this.#name = name;
    this.#handle = activate(pcap, order, name);
    try {
      this.filter = setFilter(pcap, this.#handle, order, name);
    } catch (error) {
      pcap.call.close(this.#handle);
      throw error;
    }
    const largest = order.snapLength + RECORD_HEADER_BYTES;
    const size = Math.max(BATCH_BYTES, BATCH_PACKETS_MIN * largest);
    // The stream writes a zero behind what it holds.
    const memory = pcap.allocate(size + 1);
    this.#memory = memory.bytes;
    this.batchPackets = Math.floor(size / largest);
    this.#stream = pcap.call.openMemory(memory.at, size + 1, "w") as Pointer;
    this.#dump = pcap.call.openDump(this.#handle, this.#stream) as Pointer;
    if (!this.#stream || !this.#dump)
      throw cannotCapture(this.#name, "libpcap cannot write packets into memory here");
    this.header = this.#take().slice();
    this.#counts = pcap.allocate(12);
  }

  /** Up to `most` packets that came, valid until the next call, and how many they are. Never waits. */
  batch(most: number): { readonly bytes: Uint8Array; readonly packets: number } {
    const { call, dump } = this.#pcap;
    const packets = Number(call.dispatch(this.#handle, Math.min(most, this.batchPackets), dump, this.#dump));
    if (packets < 0) throw this.#failure();
    return { bytes: packets === 0 ? this.#memory.subarray(0, 0) : this.#take(), packets };
  }

  /** What the kernel counted since the beginning. */
  counts(): CaptureCounts {
    const { at, bytes } = this.#counts;
    this.#pcap.call.statistics(this.#handle, at);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return {
      received: view.getUint32(0, true),
      droppedByKernel: view.getUint32(4, true),
      droppedByInterface: view.getUint32(8, true),
    };
  }

  close(): void {
    this.#pcap.call.closeDump(this.#dump);
    this.#pcap.call.close(this.#handle);
  }

  /** What was written into memory; the next batch begins in front again. */
  #take(): Uint8Array {
    const { call } = this.#pcap;
    call.flush(this.#stream);
    const length = Number(call.tell(this.#stream));
    call.rewind(this.#stream);
    return this.#memory.subarray(0, length);
  }

  #failure(): Error {
    const text = String(this.#pcap.call.errorText(this.#handle));
    return /disappeared|went down|No such device|Network is down/i.test(text)
      ? interfaceGone(this.#name)
      : cannotCapture(this.#name, `the capture failed (${text})`);
  }
}

function activate(pcap: Libpcap, order: CaptureOrder, name: string): Pointer {
  const { call } = pcap;
  const error = pcap.allocate(ERROR_BYTES);
  const handle = call.create(name, error.at) as Pointer;
  if (!handle) throw cannotCapture(name, `cannot be opened (${textOf(error.bytes)})`);
  call.setSnapLength(handle, order.snapLength);
  call.setPromiscuous(handle, order.isPromiscuous ? 1 : 0);
  call.setBuffer(handle, order.bufferBytes);
  call.setTimeout(handle, KERNEL_PAUSE_MS);
  call.setImmediate(handle, 0);
  call.setPrecision(handle, NANOSECONDS);
  const answer = Number(call.activate(handle));
  if (answer < 0) {
    const text = String(call.errorText(handle));
    call.close(handle);
    throw refusal(name, answer, text);
  }
  // Of all interfaces together each packet says which it came by; where that cannot be had the first form will do.
  if (name === ALL_INTERFACES) call.setLinkType(handle, DLT_LINUX_SLL2);
  call.setNonBlocking(handle, 1, error.at);
  pcap.free(error.at);
  return handle;
}

function refusal(name: string, answer: number, text: string): Error {
  switch (answer) {
    case PCAP_ERROR.noSuchDevice:
      return noSuchInterface(name);
    case PCAP_ERROR.noPermission:
    case PCAP_ERROR.noPromiscuousPermission:
      return noPermission(name);
    case PCAP_ERROR.notUp:
      return interfaceDown(name);
    default:
      return cannotCapture(name, `cannot be captured from (${text})`);
  }
}

/** Sets the first filter that the interface's link type allows. */
function setFilter(pcap: Libpcap, handle: Pointer, order: CaptureOrder, name: string): string {
  const { call } = pcap;
  const program = pcap.allocate(16);
  const compiles = (filter: string): boolean => {
    if (call.compile(handle, program.at, filter, 1, NETMASK_UNKNOWN) !== 0) return false;
    call.freeProgram(program.at);
    return true;
  };
  try {
    const own = order.filter?.trim() ?? "";
    if (own !== "" && !compiles(own)) {
      const message = String(call.errorText(handle));
      throw wrongFilter(name, own, message, wrongColumn(own, compiles));
    }
    for (const filter of kernelFilters(order.filter, order.hasTunnels)) {
      if (call.compile(handle, program.at, filter, 1, NETMASK_UNKNOWN) !== 0) continue;
      const isSet = call.setFilter(handle, program.at) === 0;
      call.freeProgram(program.at);
      if (isSet) return filter;
    }
    throw cannotCapture(name, `the filter cannot be applied (${String(call.errorText(handle))})`);
  } finally {
    pcap.free(program.at);
  }
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.slice(0, end < 0 ? bytes.length : end));
}
