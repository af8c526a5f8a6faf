/** Why figures cannot be served; apart from what serves them, which is loaded only where it is asked for. */

/** `message` is one plain sentence. */
export class CannotServe extends Error {
  override readonly name = "CannotServe";
  readonly path = "--metrics";

  constructor(sentence: string) {
    super(`--metrics: ${sentence}`);
  }
}
