/**
 * What a capture is asked for, and the few numbers that the capturing thread and the others share while it goes on.
 * Needs nothing of Node.
 */

export const BACKENDS = ["libpcap", "tcpdump"] as const;
export type Backend = (typeof BACKENDS)[number];

/** A file that packets are written to, or a ring of them. */
export interface WrittenOrder {
  /** Open descriptor of the first one. */
  readonly descriptor: number;
  /** The name as it was given, of which the names of a ring are made. */
  readonly path: string;
  /** The interfaces, as sentences call them. */
  readonly interfaceName: string;
  /** When the first was begun, in milliseconds of the epoch. */
  readonly startMs: number;
  /** A new file is begun after so many bytes, or seconds; null: never. */
  readonly bytes: number | null;
  readonly seconds: number | null;
  /** With bytes alone so many files are written over and over; with seconds alone the capture ends after so many. */
  readonly files: number | null;
}

/** How packets are to be captured. */
export interface CaptureOrder {
  /** One or several, each once. */
  readonly interfaceNames: readonly string[];
  /** null: libpcap, and tcpdump where that cannot be loaded. */
  readonly backend: Backend | null;
  /** Most bytes kept of a packet. */
  readonly snapLength: number;
  /** Room for packets in the kernel, in bytes. */
  readonly bufferBytes: number;
  readonly isPromiscuous: boolean;
  /** A filter as libpcap reads them, or null; it narrows what is taken. */
  readonly filter: string | null;
  /** Whether packets are taken that may carry TCP inside of a tunnel. */
  readonly hasTunnels: boolean;
  /** When to end by itself: seconds and packets; null: never. */
  readonly durationSeconds: number | null;
  readonly packets: number | null;
  /** Where packets are written to as they come, or null. */
  readonly written: WrittenOrder | null;
  /** Name of the user that a child process goes on as, or null: as this process. */
  readonly user: string | null;
}

/** What is captured from, as sentences and screens call it. */
export function captureName({ interfaceNames }: Pick<CaptureOrder, "interfaceNames">): string {
  return interfaceNames.join(", ");
}

/** What the capturing thread is started with. */
export interface CapturingOrder extends CaptureOrder {
  readonly ring: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
}

const STOPPED = 0;
/** A word that nobody changes: to wait for nothing but the time. */
const QUIET = 1;
const CONTROL_WORDS = 2;
const COUNTS_AT = CONTROL_WORDS * 4;

/** Counts of the capturing system since the beginning. */
export interface CaptureCounts {
  /** Packets that passed the filter. */
  received: number;
  /** Packets that the kernel had no room for, and that the interface or its driver lost. */
  droppedByKernel: number;
  droppedByInterface: number;
}

/** Where a backend puts what it captures. Interfaces are told by their place among the names of the order. */
export interface CaptureSink {
  /** Called once, when all interfaces are open: by what the kernel filters on each. */
  begin(filters: readonly string[]): void;
  /** The next bytes of an interface's pcap stream; waits where the reader is behind. Throws `SourceError`. */
  write(bytes: Uint8Array, number: number): void;
  /** All that came more than so many milliseconds ago has been written, on every interface. */
  settle?(agoMs: number): void;
  /** What the system counted of each interface. */
  count?(counts: readonly CaptureCounts[]): void;
}

/** Stops a capture from another thread, and tells what its system counts. */
export class CaptureControl {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #counts: Float64Array;

  constructor(memory = new SharedArrayBuffer(COUNTS_AT + 3 * 8)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, CONTROL_WORDS);
    this.#counts = new Float64Array(memory, COUNTS_AT, 3);
  }

  stop(): void {
    Atomics.store(this.#words, STOPPED, 1);
    Atomics.notify(this.#words, STOPPED);
  }

  get isStopped(): boolean {
    return Atomics.load(this.#words, STOPPED) === 1;
  }

  /** Blocks the calling thread for so long, or until the capture is stopped. */
  wait(milliseconds: number): void {
    Atomics.wait(this.#words, STOPPED, 0, milliseconds);
  }

  /** Blocks the calling thread for so long, stopped or not. */
  pause(milliseconds: number): void {
    Atomics.wait(this.#words, QUIET, 0, milliseconds);
  }

  get counts(): CaptureCounts {
    const [received, droppedByKernel, droppedByInterface] = this.#counts;
    return {
      received: received!,
      droppedByKernel: droppedByKernel!,
      droppedByInterface: droppedByInterface!,
    };
  }

  set counts({ received, droppedByKernel, droppedByInterface }: CaptureCounts) {
    this.#counts[0] = received;
    this.#counts[1] = droppedByKernel;
    this.#counts[2] = droppedByInterface;
  }
}
