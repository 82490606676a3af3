import { el } from "./dom.ts";
import { fenceOf, watchFences } from "./fences.ts";

/** Protocols of links. */
const PROTOCOLS = ["https:", "mailto:", "tel:"];

/** Inline marks; the first match counts. */
const INLINE =
  /(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)|\*\*([^*][\s\S]*?)\*\*|(?<![\w*])[*_]([^\s*_](?:[^*_]*[^\s*_])?)[*_](?![\w*])|!?\[([^\]\n]*)\]\(\s*<?([^\s)>]+)>?[^)\n]*\)|(https:\/\/[^\s<>()\]"'`]+[^\s<>()\]"'`.,:;!?])/;

/**
 * Renders Markdown as nodes. For any text, the result has only the elements that are created here,
 * without attributes except those of links. Images become links, so that nothing is loaded.
 *
 * @param newTab The text after a link for screen readers.
 */
export function renderMarkdown(text: string, newTab = ""): DocumentFragment {
  const made = document.createDocumentFragment();
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  let at = 0;

  const take = (test: (line: string) => boolean): string[] => {
    const start = at;
    while (at < lines.length && test(lines[at]!)) at++;
    return lines.slice(start, at);
  };

  while (at < lines.length) {
    const line = lines[at]!;
    const fence = line.match(/^\s{0,3}(```+|~~~+)/)?.[1];
    if (fence) {
      at++;
      const code = take((one) => !one.trim().startsWith(fence));
      at++;
      made.append(el("pre", { tabindex: "0" }, el("code", {}, code.join("\n"))));
    } else if (line.trim() === "") {
      at++;
    } else if (/^\s*[-*_](\s*[-*_]){2,}\s*$/.test(line)) {
      at++;
      made.append(el("hr"));
    } else if (isItem(line)) {
      const isCode = watchFences();
      const items = take((one) => isCode(one) || isItem(one) || /^\s{2,}\S/.test(one));
      made.append(list(items, newTab));
    } else if (/^\s*>/.test(line)) {
      const quoted = take((one) => /^\s*>/.test(one)).map((one) => one.replace(/^\s*> ?/, ""));
      made.append(el("blockquote", {}, renderMarkdown(quoted.join("\n"), newTab)));
    } else if (line.includes("|") && /^[\s|:-]*-[\s|:-]*\|[\s|:-]*$/.test(lines[at + 1] ?? "")) {
      made.append(table(take((one) => one.includes("|")), newTab));
    } else {
      const heading = line.match(/^#{1,6}\s+(.*)/)?.[1];
      if (heading) at++;
      const parts = heading === undefined
        ? take((one) => one.trim() !== "" && !startsBlock(one))
        : [heading];
      // A line that does not start a valid block is a paragraph.
      if (parts.length === 0) parts.push(lines[at++]!);
      const paragraph = el("p");
      parts.forEach((part, index) => {
        if (index > 0) paragraph.append(el("br"));
        const target = heading === undefined ? paragraph : el("strong");
        inline(part, target, newTab);
        if (target !== paragraph) paragraph.append(target);
      });
      made.append(paragraph);
    }
  }
  return made;
}

function isItem(line: string): boolean {
  return /^\s*([-*+]|\d{1,9}[.)])\s+\S/.test(line);
}

function startsBlock(line: string): boolean {
  return isItem(line) || /^\s{0,3}(```|~~~|>|#{1,6}\s)/.test(line);
}

function list(lines: readonly string[], newTab: string): HTMLElement {
  const made = el(/^\s*\d/.test(lines[0]!) ? "ol" : "ul");
  const first = lines[0]!.match(/^\s*(\d+)/)?.[1];
  if (first && first !== "1") made.setAttribute("start", first);
  const depth = lines[0]!.search(/\S/);
  let item: HTMLElement | undefined;
  let nested: string[] = [];
  let width = 0;
  const isCode = watchFences();
  const close = () => {
    if (item && nested.length > 0) {
      if (nested.some(fenceOf)) item.append(renderMarkdown(nested.join("\n"), newTab));
      else if (isItem(nested[0]!)) item.append(list(nested, newTab));
      else for (const line of nested) inline(` ${line.trim()}`, item, newTab);
    }
    nested = [];
  };
  for (const line of lines) {
    if (!isCode(line) && isItem(line) && line.search(/\S/) <= depth + 1) {
      close();
      item = el("li");
      const text = line.replace(/^\s*([-*+]|\d+[.)])\s+/, "");
      width = line.length - text.length;
      if (fenceOf(text)) nested.push(text);
      else inline(text, item, newTab);
      made.append(item);
    } else nested.push(line.replace(new RegExp(`^ {0,${width}}`), ""));
  }
  close();
  return made;
}

function table(lines: readonly string[], newTab: string): HTMLElement {
  const rows = lines.filter((_, index) => index !== 1).map((line, index) => {
    const cells = line.trim().replace(/^\||\|$/g, "").split("|").map((text) => {
      const cell = index === 0 ? el("th", { scope: "col" }) : el("td");
      inline(text.trim(), cell, newTab);
      return cell;
    });
    return el("tr", {}, ...cells);
  });
  // Wide tables scroll separately, also with the keyboard.
  return el("div", { class: "table", tabindex: "0" }, el("table", {}, ...rows));
}

function inline(text: string, into: HTMLElement, newTab: string): void {
  let rest = text;
  for (let found = rest.match(INLINE); found; found = rest.match(INLINE)) {
    const [all, , code, bold, italic, label, target, address] = found;
    into.append(rest.slice(0, found.index));
    rest = rest.slice((found.index ?? 0) + all.length);
    if (code !== undefined) into.append(el("code", {}, code));
    else if (bold !== undefined) into.append(nest("strong", bold, newTab));
    else if (italic !== undefined) into.append(nest("em", italic, newTab));
    else into.append(link(label || target || address || "", target ?? address ?? "", all, newTab));
  }
  into.append(rest);
}

function nest(tag: "strong" | "em", text: string, newTab: string): HTMLElement {
  const made = el(tag);
  inline(text, made, newTab);
  return made;
}

/** A link, or its source if its protocol is not allowed. */
function link(label: string, target: string, source: string, newTab: string): Node {
  if (!URL.canParse(target) || !PROTOCOLS.includes(new URL(target).protocol)) {
    return document.createTextNode(source);
  }
  const made = el("a", {
    href: new URL(target).href,
    target: "_blank",
    rel: "noopener noreferrer nofollow ugc",
  }, label);
  if (newTab) made.append(el("span", { class: "sr" }, ` ${newTab}`));
  return made;
}
