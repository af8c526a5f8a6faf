/**
 * The first two lines: what is looked at, and the screens with their keys.
 */
import { useContext } from "react";
import type { ScreenName } from "../keys.js";
import { type Span, showName, span, spread } from "../spans.js";
import { ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface TitleBarProps {
  /** Name of the capture, as the user gave it. */
  readonly fileLabel: string;
  readonly screen: ScreenName;
  readonly isHelp: boolean;
  readonly width: number;
}

const TABS: readonly { readonly screen: ScreenName; readonly title: string }[] = [
  { screen: "overview", title: "1 Overview" },
  { screen: "connections", title: "2 Connections" },
  { screen: "connection", title: "3 Connection" },
];

export function TitleBar({ fileLabel, screen, isHelp, width }: TitleBarProps) {
  const { glyphs } = useContext(ThemeContext);
  const name = showName(fileLabel, Math.max(8, width - 20), glyphs.more);
  const title = [span(" tcpflow-analyze", "quiet"), span("  "), span(name, "strong")];
  return <Lines lines={[title, tabs(screen, isHelp, width, glyphs)]} width={width} height={2} />;
}

/** The tab that is shown stands in brackets, so that it is seen without colours too. */
function tabs(
  screen: ScreenName,
  isHelp: boolean,
  width: number,
  glyphs: { readonly rule: string; readonly isAscii: boolean },
): readonly Span[] {
  const left: Span[] = [span(glyphs.rule, "quiet")];
  for (const tab of TABS) {
    const isShown = tab.screen === screen && !isHelp;
    left.push(isShown ? span(`[${tab.title}]`, "key") : span(` ${tab.title} `));
    left.push(span(glyphs.rule, "quiet"));
  }
  const help = isHelp ? span("[? Help]", "key") : span(" ? help ", "quiet");
  const taken = left.reduce((sum, piece) => sum + piece.text.length, help.text.length);
  left.push(span(glyphs.rule.repeat(Math.max(0, width - taken - 1)), "quiet"));
  return spread(left, [help, span(glyphs.rule, "quiet")], width, glyphs.isAscii);
}
