/**
 * The first two lines: what is looked at, and the screens with their keys.
 */
import { useContext } from "react";
import { formatCount } from "../../output/format.js";
import type { ScreenName } from "../keys.js";
import { type Span, showName, span, spread } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface TitleBarProps {
  /** Name of the capture, as the user gave it. */
  readonly fileLabel: string;
  readonly screen: ScreenName;
  readonly isHelp: boolean;
  /** How many findings there are so far. */
  readonly findings: number;
  /** Whether something is captured or followed. */
  readonly isLive: boolean;
  readonly width: number;
}

interface Tab {
  readonly screen: ScreenName;
  readonly key: string;
  readonly title: string;
}

const TABS: readonly Tab[] = [
  { screen: "overview", key: "1", title: "1 Overview" },
  { screen: "connections", key: "2", title: "2 Connections" },
  { screen: "connection", key: "3", title: "3 Connection" },
  { screen: "findings", key: "4", title: "4 Findings" },
  { screen: "servers", key: "5", title: "5 Servers" },
];
const LIVE_TAB: Tab = { screen: "live", key: "6", title: "6 Live" };

export function TitleBar({ fileLabel, ...props }: TitleBarProps) {
  const { glyphs } = useContext(ThemeContext);
  const { width } = props;
  const name = showName(fileLabel, Math.max(8, width - 20), glyphs.more);
  const title = [span(" tcpflow-analyze", "quiet"), span("  "), span(name, "strong")];
  return <Lines lines={[title, tabs(props, glyphs)]} width={width} height={2} />;
}

/** The tab that is shown stands in brackets, so that it is seen without colours too; where room is short others have no names. */
function tabs(
  { screen, isHelp, findings, isLive, width }: Omit<TitleBarProps, "fileLabel">,
  glyphs: Glyphs,
): readonly Span[] {
  const all = isLive ? [...TABS, LIVE_TAB] : TABS;
  const count = findings > 0 ? ` (${formatCount(findings)})` : "";
  const countOf = (tab: Tab): string => (tab.screen === "findings" ? count : "");
  const shown = isHelp ? -1 : all.findIndex((tab) => tab.screen === screen);
  const titles = all.map((tab) => tab.title + countOf(tab));
  const some = all.map((tab, i) => (i === shown || countOf(tab) !== "" ? titles[i]! : tab.key));
  const one = all.map((tab, i) => (i === shown ? titles[i]! : tab.key + countOf(tab)));
  const forms = [
    { names: titles, help: " ? help " },
    { names: titles, help: " ? " },
    { names: some, help: " ? help " },
    { names: one, help: " ? " },
  ];
  const takes = ({ names, help }: (typeof forms)[number]): number =>
    names.reduce((sum, name) => sum + name.length + 3, help.length + 2);
  const form = forms.find((candidate) => takes(candidate) <= width) ?? forms.at(-1)!;
  const left = form.names.flatMap((name, i) => [
    span(glyphs.rule, "quiet"),
    i === shown ? span(`[${name}]`, "key") : span(` ${name} `),
  ]);
  left.push(span(glyphs.rule.repeat(Math.max(1, width - takes(form) + 1)), "quiet"));
  const help = isHelp ? span(form.help === " ? " ? "[?]" : "[? Help]", "key") : span(form.help, "quiet");
  return spread(left, [help, span(glyphs.rule, "quiet")], width, glyphs.isAscii);
}
