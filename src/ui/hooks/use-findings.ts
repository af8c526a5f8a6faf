/**
 * The list of findings at work: which one is selected, however they change places while the file is read.
 */
import { useContext, useState } from "react";
import type { Finding } from "../../report/finding.js";
import { type FindingsPlace, moveInFindings } from "../finding-lines.js";
import { ThemeContext } from "../theme.js";

export interface FindingsList {
  /** The worst first. */
  readonly all: readonly Finding[];
  readonly place: FindingsPlace;
  readonly selected: Finding | null;
  /** Moves the selection by findings; beyond the ends it stays there. */
  readonly move: (by: number) => void;
}

/** The finding that the selection holds on to; null before it was moved: then it stays at the worst. */
interface Held extends FindingsPlace {
  readonly name: string | null;
}

/** Keeps a list of `height` lines over `all`. */
export function useFindings(all: readonly Finding[], width: number, height: number): FindingsList {
  const { glyphs } = useContext(ThemeContext);
  const [held, hold] = useState<Held>({ name: null, index: 0, skip: 0 });
  const at = held.name === null ? 0 : all.findIndex((finding) => nameOf(finding) === held.name);
  const isThere = at >= 0;
  const place: FindingsPlace = {
    index: isThere ? at : Math.max(0, Math.min(held.index, all.length - 1)),
    skip: isThere ? held.skip : 0,
  };
  return {
    all,
    place,
    selected: all[place.index] ?? null,
    move: (by) => {
      const next = moveInFindings(all, place, by, { width, height, glyphs });
      const finding = all[next.index];
      if (finding !== undefined) hold({ ...next, name: nameOf(finding) });
    },
  };
}

function nameOf({ id, where, actor }: Finding): string {
  return `${id} ${where} ${actor}`;
}
