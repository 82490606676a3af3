import { watchFences } from "./fences.ts";

/** Milliseconds between two renderings of a growing answer. */
const PAUSE_MS = 50;

/** Where the last block of a Markdown text begins: the blocks before it no longer change. */
export function lastBlock(text: string, from = 0): number {
  const isCode = watchFences();
  let start = from;
  for (let at = from;;) {
    const end = text.indexOf("\n", at);
    if (end < 0) return start;
    const line = text.slice(at, end);
    at = end + 1;
    if (!isCode(line) && line.trim() === "") start = at;
  }
}

/**
 * Renders a growing text a few times a second, each time only its last block.
 *
 * @returns A function to call with the text so far.
 */
export function showGrowing(
  into: HTMLElement,
  render: (markdown: string) => DocumentFragment,
  shown: () => void,
): (text: string) => void {
  let text = "";
  let settled = "";
  let last: ChildNode[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function draw(): void {
    timer = undefined;
    if (!text.startsWith(settled)) {
      settled = "";
      last = [...into.childNodes];
    }
    for (const node of last) node.remove();
    const start = lastBlock(text, settled.length);
    const block = render(text.slice(start));
    last = [...block.childNodes];
    into.append(render(text.slice(settled.length, start)), block);
    settled = text.slice(0, start);
    shown();
  }

  return (said) => {
    text = said;
    timer ??= setTimeout(draw, PAUSE_MS);
  };
}
