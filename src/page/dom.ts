/**
 * Elements from plain values. Text only ever becomes text, with what nobody can see made visible: nothing that a capture says
 * can become markup or turn the order of what stands around it.
 */
import { printable } from "../output/format.js";

type Child = Node | string | null;
type Attributes = Readonly<Record<string, string | number | boolean | (() => void) | null>>;

/** An element; an attribute that is a function is called on a click, one that is null or false is left out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener("click", value);
    else element.setAttribute(name, value === true ? "" : printable(String(value)));
  }
  for (const child of children.flat()) if (child !== null) element.append(textOrNode(child));
  return element;
}

function textOrNode(child: Node | string): Node {
  return typeof child === "string" ? document.createTextNode(printable(child)) : child;
}

/** A heading with what stands below it. */
export function section(title: string, ...children: readonly (Child | readonly Child[])[]): HTMLElement {
  return el("section", {}, el("h2", {}, title), ...children);
}

/** A table under its headings. */
export function tableOf(className: string, titles: readonly string[], body: HTMLElement): HTMLElement {
  const headings = titles.map((title) => el("th", { scope: "col" }, title));
  return el("table", { class: className }, el("thead", {}, el("tr", {}, headings)), body);
}

/** A list of names and values. */
export function facts(pairs: readonly (readonly [name: string, value: Child])[]): HTMLElement {
  const known = pairs.filter(([, value]) => value !== null && value !== "");
  return el(
    "dl",
    {},
    known.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
  );
}

/** Replaces all that stands in `parent`. */
export function show(parent: HTMLElement, ...children: readonly Node[]): void {
  parent.replaceChildren(...children);
}
