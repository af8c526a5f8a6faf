/**
 * Scores labels of segments against what the kernels say of them: hits, false and missed ones of each label and cause.
 *
 * Any program's labels are scored alike, put into the words of `Said`. A repeat is visible where its bytes, or the hole
 * that it fills, are in the capture; where neither is, no label can rest on sequence numbers, and `inferred` says how
 * many are found all the same. Frames that the recorder could not tell are left out.
 */
import { REPEATS, type TrueFrame } from "./recordings.js";

const SYN_FLAG = 2;

/** What a program says of a frame. */
export interface Said {
  /** The column of the confusion matrix. */
  readonly word: string;
  readonly isRepeat: boolean;
  readonly cause: "" | "fast" | "rto" | "tail-loss-probe";
  readonly isInferred: boolean;
  readonly isSpurious: boolean;
  readonly isReordered: boolean;
  readonly isCopy: boolean;
  readonly isWindowProbe: boolean;
  readonly isKeepAlive: boolean;
}

export const NOTHING_SAID: Said = {
  word: "none",
  isRepeat: false,
  cause: "",
  isInferred: false,
  isSpurious: false,
  isReordered: false,
  isCopy: false,
  isWindowProbe: false,
  isKeepAlive: false,
};

export interface Counts {
  hit: number;
  wrong: number;
  missed: number;
}

interface Metric {
  /** Whether the frame counts for this metric at all. */
  readonly concerns: (truth: TrueFrame, said: Said) => boolean;
  readonly isTrue: (truth: TrueFrame) => boolean;
  readonly isSaid: (said: Said) => boolean;
}

const isRepeat = (truth: TrueFrame) => REPEATS.has(truth.kind);
const isHidden = (truth: TrueFrame) => isRepeat(truth) && !truth.isSeen && !truth.fillsGap;
const isOriginal = (truth: TrueFrame) => truth.kind === "orig" || truth.kind === "tlpnew";
/** Of a copy that the network made, no capture can always tell that it is no repeat: it counts under `copies`. */
const isNoCopy = (truth: TrueFrame) => truth.kind !== "netdup";

function cause(word: Said["cause"], kinds: readonly string[]): Metric {
  return {
    concerns: (truth) => !isHidden(truth),
    isTrue: (truth) => kinds.includes(truth.kind),
    isSaid: (said) => said.isRepeat && said.cause === word,
  };
}

function spurious(isMeant: (truth: TrueFrame) => boolean): Metric {
  return {
    concerns: (truth) => (truth.flags & SYN_FLAG) === 0 && isMeant(truth),
    isTrue: (truth) => isRepeat(truth) && truth.isNeedless,
    isSaid: (said) => said.isSpurious,
  };
}

export const METRICS = {
  retransmission: { concerns: isNoCopy, isTrue: isRepeat, isSaid: (said) => said.isRepeat },
  "retransmission, visible": {
    concerns: (truth) => isNoCopy(truth) && !isHidden(truth),
    isTrue: isRepeat,
    isSaid: (said) => said.isRepeat,
  },
  "retransmission, inferred": {
    concerns: (truth, said) => isNoCopy(truth) && (isHidden(truth) || said.isInferred),
    isTrue: isRepeat,
    isSaid: (said) => said.isRepeat,
  },
  fast: cause("fast", ["fast"]),
  rto: cause("rto", ["rto", "loss"]),
  "tail-loss-probe": cause("tail-loss-probe", ["tlp"]),
  spurious: spurious(() => true),
  // What shows that a repeat was needless comes back. Where only its own direction was captured, nothing does.
  "spurious, both directions": spurious((truth) => truth.isAnswered),
  reordered: {
    concerns: () => true,
    isTrue: (truth) => isOriginal(truth) && truth.isLate,
    isSaid: (said) => said.isReordered,
  },
  copies: {
    concerns: () => true,
    isTrue: (truth) => truth.kind === "netdup",
    isSaid: (said) => said.isCopy,
  },
  "copies of data": {
    concerns: (truth) => truth.payloadBytes > 0,
    isTrue: (truth) => truth.kind === "netdup",
    isSaid: (said) => said.isCopy,
  },
  "zero-window-probe": {
    concerns: () => true,
    isTrue: (truth) => truth.kind === "zwp",
    isSaid: (said) => said.isWindowProbe,
  },
  "keep-alive": {
    concerns: () => true,
    isTrue: (truth) => truth.kind === "ka",
    isSaid: (said) => said.isKeepAlive,
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** The row of the confusion matrix: the kernel's word, and what is special about the frame. */
export function truthWord(truth: TrueFrame): string {
  return [
    truth.kind,
    ...(truth.isLate ? ["late"] : []),
    ...(truth.isNeedless && isRepeat(truth) ? ["needless"] : []),
    ...(isHidden(truth) ? ["hidden"] : []),
  ].join("-");
}

/** The figures of one program over any number of captures, by group ("recorded", "damaged client", a scenario's name). */
export class LabelScore {
  readonly groups = new Map<string, Map<MetricName, Counts>>();
  /** Row by row of the confusion matrix: how often each word was said. */
  readonly confusion = new Map<string, Map<string, number>>();
  /** Originals in order, and how many of them were called something else: by group. */
  readonly originals = new Map<string, { all: number; alarms: number }>();

  add(groups: readonly string[], truth: TrueFrame, said: Said): void {
    if (truth.kind === "unknown") return;
    const row = entry(this.confusion, truthWord(truth), () => new Map<string, number>());
    row.set(said.word, (row.get(said.word) ?? 0) + 1);
    for (const name of METRIC_NAMES) {
      const metric: Metric = METRICS[name];
      if (!metric.concerns(truth, said)) continue;
      const [isTrue, isSaid] = [metric.isTrue(truth), metric.isSaid(said)];
      if (isTrue || isSaid) for (const group of groups) this.count(group, name, isTrue, isSaid);
    }
    if (!isOriginal(truth) || truth.isLate) return;
    const isAlarm =
      said.isRepeat || said.isCopy || said.isReordered || said.isWindowProbe || said.isKeepAlive;
    for (const group of groups) {
      const originals = entry(this.originals, group, () => ({ all: 0, alarms: 0 }));
      originals.all++;
      if (isAlarm || said.isSpurious) originals.alarms++;
    }
  }

  private count(group: string, name: MetricName, isTrue: boolean, isSaid: boolean): void {
    const counts = this.counts(group, name);
    if (isTrue && isSaid) counts.hit++;
    else if (isSaid) counts.wrong++;
    else counts.missed++;
  }

  /** For programs that only count: `want` and `got` of one direction of one connection, in its own favour. */
  addNumbers(groups: readonly string[], name: MetricName, want: number, got: number): void {
    for (const group of groups) {
      const counts = this.counts(group, name);
      counts.hit += Math.min(want, got);
      counts.wrong += Math.max(0, got - want);
      counts.missed += Math.max(0, want - got);
    }
  }

  private counts(group: string, name: MetricName): Counts {
    const metrics = entry(this.groups, group, () => new Map<MetricName, Counts>());
    return entry(metrics, name, () => ({ hit: 0, wrong: 0, missed: 0 }));
  }
}

export function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/** Shares from 0 to 1; NaN where nothing was said, or nothing was there to find. */
export function precision({ hit, wrong }: Counts): number {
  return hit / (hit + wrong);
}

export function recall({ hit, missed }: Counts): number {
  return hit / (hit + missed);
}

export function f1({ hit, wrong, missed }: Counts): number {
  return (2 * hit) / (2 * hit + wrong + missed);
}
