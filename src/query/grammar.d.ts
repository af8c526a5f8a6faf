/** What the build makes of grammar.peggy. */
declare module "*.peggy" {
  /** The tree of a filter; throws a `SyntaxError` of this module. */
  export function parse(text: string): unknown;

  /** Where the text stopped being a filter, and what may have stood there. */
  class GrammarError extends Error {
    readonly expected: readonly {
      readonly type: string;
      readonly text?: string;
      readonly description?: string;
    }[];
    readonly found: string | null;
    readonly location: { readonly start: { readonly offset: number } };
  }

  export { GrammarError as SyntaxError };
}
