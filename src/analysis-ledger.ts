/**
 * All connections together: each is counted, looked at and compared with the others in the order in which they are done.
 *
 * Where their columns stand does not matter: among the open ones, or in a scratch place into which one was unpacked.
 */
import type { AnalysisOptions } from "./analysis-options.js";
import type { Conclusions } from "./connection/conclusions.js";
import { type DescribeContext, describeFacts, type Scene } from "./connection/describe.js";
import type { HostPairs } from "./connection/host-pairs.js";
import type { LossBursts } from "./connection/loss-bursts.js";
import { nameOf } from "./connection/packet-names.js";
import { remarkability, SMALL_TROUBLE, SmallTroubles, UNREMARKABLE } from "./connection/remarkable.js";
import { SecondSights } from "./connection/second-sights.js";
import { SelectedConnections } from "./connection/selected-connections.js";
import type { SystematicCopies } from "./connection/systematic-copies.js";
import { Tally } from "./connection/tally.js";
import { Diagnosis } from "./diagnosis/diagnosis.js";
import { namesOfSeen, seenIn, Told } from "./diagnosis/told.js";
import type { ConnectionFinding } from "./report/finding.js";
import type { ConnectionRecord } from "./report/record.js";
import type { CaptureSummary } from "./report/summary.js";

export class Ledger {
  readonly tally = new Tally();
  readonly diagnosis = new Diagnosis();
  /** As of the last summary. */
  told = new Told();
  /** What is told of the whole capture, where that was read before to know which connections are chosen. */
  whole: Told | null = null;
  readonly smallTroubles = new SmallTroubles();
  /** Present where some connections were asked for. */
  readonly selected: SelectedConnections | null;
  readonly sights: SecondSights;
  readonly pairs: HostPairs;
  readonly copies: SystematicCopies;
  readonly bursts: LossBursts;
  readonly scene: Scene;

  constructor(
    pairs: HostPairs,
    copies: SystematicCopies,
    bursts: LossBursts,
    {
      idleNs,
      mslNs,
      fileNames,
      checksums,
      where,
    }: Pick<AnalysisOptions, "idleNs" | "mslNs" | "fileNames" | "checksums" | "where">,
  ) {
    const { tally } = this;
    this.selected = where ? new SelectedConnections(where, tally) : null;
    this.sights = new SecondSights(this.selected ?? tally);
    this.pairs = pairs;
    this.copies = copies;
    this.bursts = bursts;
    this.scene = {
      pairs,
      copies,
      nowNs: 0,
      originNs: 0n,
      idleNs,
      timeWaitNs: 2 * mslNs,
      fileNames,
      verifiesChecksums: checksums === true,
      capturePoint: (interfaceId) => tally.capturePoints.of(interfaceId),
      conclusions: this.#conclusions(),
      usualLegNs: (connections, connection) => tally.usualLegNs(connections, connection),
    };
  }

  /** The connection is done, and counts; with weight -1 it is taken out again, as it stood when it was counted. */
  count(context: DescribeContext, connection: number, weight: 1 | -1): void {
    if (weight > 0) this.bursts.leave(context.connections, connection);
    if (this.selected && !this.selected.count(context, connection, weight)) return;
    this.tally.add(context, connection, weight);
    const trouble = remarkability(context.connections, connection);
    if (trouble === UNREMARKABLE) return;
    const isSmall = trouble === SMALL_TROUBLE;
    const name = nameOf(context.connections.columns, connection);
    if (isSmall && !this.smallTroubles.admit(name, weight)) return;
    this.diagnosis.add(describeFacts(context, connection), weight);
  }

  /** What is told of all that was counted so far: from now on records name that. */
  tell(summary: CaptureSummary): Told {
    this.told = this.diagnosis.tell(summary, this.whole);
    return this.told;
  }

  /** The findings behind which the connection stands, as of the last summary. */
  findingsOf(record: ConnectionRecord): readonly ConnectionFinding[] {
    return this.told.of(record);
  }

  #conclusions(): Conclusions {
    const told = () => this.whole ?? this.told;
    return {
      namesOf: (record) => told().namesOf(seenIn(record)),
      namesToChooseBy: (record) => this.whole?.namesOf(seenIn(record)) ?? namesOfSeen(record),
      follow: (record) => {
        const seen = seenIn(record);
        return seen.length === 0 ? null : () => told().namesOf(seen);
      },
    };
  }

  /** The connection is final. Whether it is one that was asked for. */
  finish(context: DescribeContext, connection: number): boolean {
    if (!this.selected) return true;
    this.selected.finish(nameOf(context.connections.columns, connection));
    return this.selected.matches(context, connection);
  }
}
