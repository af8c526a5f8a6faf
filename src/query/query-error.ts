/** What is wrong with a filter, and where: a sentence for whoever wrote it. */
export class QueryError extends Error {
  override readonly name = "QueryError";
  /** Offset into the filter, from 0. */
  readonly at: number;

  /** `sentence` says what is wrong; the column, from 1, is put in front of it. */
  constructor(at: number, sentence: string) {
    super(`column ${at + 1}: ${sentence}`);
    this.at = at;
  }
}
