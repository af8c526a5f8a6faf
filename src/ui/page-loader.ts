/**
 * Asks the analysis for pages, one at a time, always for the newest wish: what was wished for meanwhile is dropped.
 */
import type { AnalysisView, Page, PageQuery } from "../report/view.js";

/** A page together with what was asked for. */
export interface LoadedPage {
  readonly query: PageQuery;
  readonly page: Page;
}

export class PageLoader {
  readonly #view: AnalysisView;
  readonly #deliver: (loaded: LoadedPage) => void;
  readonly #fail: (error: unknown) => void;
  #isBusy = false;
  #next: PageQuery | null = null;

  constructor(view: AnalysisView, deliver: (loaded: LoadedPage) => void, fail: (error: unknown) => void) {
    this.#view = view;
    this.#deliver = deliver;
    this.#fail = fail;
  }

  /** Wishes for a page; delivered unless a newer wish comes first. */
  request(query: PageQuery): void {
    this.#next = query;
    if (!this.#isBusy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    try {
      while (this.#next !== null) {
        const query = this.#next;
        this.#next = null;
        const page = await this.#view.page(query);
        if (this.#next === null) this.#deliver({ query, page });
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isBusy = false;
    }
  }
}
