/** What is concluded from records, as the tracker's side of the program sees it: names, made elsewhere (diagnosis/). */
import type { ConnectionRecord } from "../report/record.js";

/** What is concluded from records: names of findings, the worst first. */
export interface Conclusions {
  /** Those behind which the connection stands, as far as they are told by now. */
  namesOf(record: ConnectionRecord): readonly string[];
  /** Those by which a filter chooses it. */
  namesToChooseBy(record: ConnectionRecord): readonly string[];
  /** Tells later what `namesOf` is then; null where that is nothing at any time. */
  follow(record: ConnectionRecord): (() => readonly string[]) | null;
}

export function withFindings(record: ConnectionRecord, findings: readonly string[] = []): ConnectionRecord {
  return findings.length > 0 ? { ...record, findings } : record;
}
