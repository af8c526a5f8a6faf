/**
 * Turns the 64-bit timestamps of one pcapng interface into nanoseconds (draft-ietf-opsawg-pcapng, options if_tsresol
 * and if_tsoffset) without a BigInt a packet.
 *
 * Timestamps are taken relative to the whole second of the interface's first packet, so that the difference of the two
 * halves is exact in a float64: for 104 days at nanoseconds, longer for coarser units.
 */

const NS_PER_SECOND = 1_000_000_000n;

/** Resolution where an interface names none: microseconds. */
export const DEFAULT_RESOLUTION = 6;

export class InterfaceClock {
  private readonly unitsPerSecond: bigint;
  private readonly unitsPerSecondNumber: number;
  /** Nanoseconds a unit where that is a whole number, else 0. */
  private readonly unitNs: number;
  private readonly offsetSeconds: bigint;
  private originHigh = 0.5;
  private originLow = 0.5;
  private baseNs = 0.5;
  /** Nanoseconds a unit, which need not be a whole number. */
  get resolutionNs(): number {
    return 1e9 / this.unitsPerSecondNumber;
  }

  /** False until the first timestamp was seen. */
  hasOrigin = false;

  /**
   * `resolution` is the if_tsresol octet: the negative exponent of 10, or of 2 where the top bit is set.
   * `offsetSeconds` is if_tsoffset.
   */
  constructor(resolution: number, offsetSeconds: bigint) {
    const exponent = BigInt(resolution & 0x7f);
    this.unitsPerSecond = (resolution & 0x80 ? 2n : 10n) ** exponent;
    this.unitsPerSecondNumber = Number(this.unitsPerSecond);
    this.unitNs =
      NS_PER_SECOND % this.unitsPerSecond === 0n ? Number(NS_PER_SECOND / this.unitsPerSecond) : 0;
    this.offsetSeconds = offsetSeconds;
  }

  /** The timestamp as epoch nanoseconds, rounded down to a whole one. */
  epochNs(high: number, low: number): bigint {
    const units = (BigInt(high) << 32n) | BigInt(low);
    return (units * NS_PER_SECOND) / this.unitsPerSecond + this.offsetSeconds * NS_PER_SECOND;
  }

  /** Fixes the interface's origin at its first timestamp; `captureOriginNs` is the time that all packets count from. */
  setOrigin(high: number, low: number, captureOriginNs: bigint): void {
    const units = (BigInt(high) << 32n) | BigInt(low);
    const whole = units - (units % this.unitsPerSecond);
    const wholeNs = (whole / this.unitsPerSecond + this.offsetSeconds) * NS_PER_SECOND;
    this.originHigh = Number(whole >> 32n);
    this.originLow = Number(whole & 0xffffffffn);
    this.baseNs = Number(wholeNs - captureOriginNs);
    this.hasOrigin = true;
  }

  /** Nanoseconds since the capture's origin. */
  timeNs(high: number, low: number): number {
    const units = (high - this.originHigh) * 4294967296 + (low - this.originLow);
    if (this.unitNs !== 0) return this.baseNs + units * this.unitNs;
    const seconds = Math.floor(units / this.unitsPerSecondNumber);
    const rest = units - seconds * this.unitsPerSecondNumber;
    return this.baseNs + seconds * 1e9 + Math.floor((rest * 1e9) / this.unitsPerSecondNumber);
  }
}
