/**
 * One page of the connection table: the rows that are on the screen, asked for again when something may have changed.
 */
import { useEffect, useState } from "react";
import type { AnalysisView, PageQuery } from "../../report/view.js";
import { type LoadedPage, PageLoader } from "../page-loader.js";

/**
 * The last page that arrived (with its own query, which may be older than `query`), or null before the first.
 * `version` is that of the live state; nothing is asked for while `isActive` is false.
 */
export function usePage(
  view: AnalysisView,
  query: PageQuery,
  version: number,
  isActive: boolean,
): LoadedPage | null {
  const [loaded, setLoaded] = useState<LoadedPage | null>(null);
  const [loader] = useState(
    () =>
      new PageLoader(view, setLoaded, (error) => {
        // Thrown while rendering, so that it ends the program the ordinary way.
        setLoaded(() => {
          throw error;
        });
      }),
  );
  const { sort, isDescending, search, offset, limit } = query;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is a reason to ask again
  useEffect(() => {
    if (isActive && limit > 0) loader.request({ sort, isDescending, search, offset, limit });
  }, [loader, sort, isDescending, search, offset, limit, version, isActive]);
  return loaded;
}
