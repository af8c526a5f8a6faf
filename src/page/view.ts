/** What one screen of the page is. */
export interface View {
  readonly element: HTMLElement;
  /** Once it is in the page and has a size: where it draws. */
  enter?(): void;
  /** Before another takes its place. */
  leave?(): void;
}
