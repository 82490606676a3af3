import type { Settings } from "./api.ts";
import { el } from "./dom.ts";
import { showGrowing } from "./growing.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Texts } from "./texts.ts";

/** A message on the screen. */
export interface Bubble {
  /** Shows the text so far. */
  set(text: string): void;
  remove(): void;
}

/**
 * The conversation on the screen: greeting, suggested questions, messages and notes.
 *
 * @param ask Called with a suggested question that the visitor chooses.
 */
export function createLog(settings: Settings, texts: Texts, ask: (question: string) => void) {
  const render = (markdown: string) => renderMarkdown(markdown, texts.opensTab);
  const greeting = settings.greeting
    ? [el("div", { class: "greeting" }, render(settings.greeting))]
    : [];
  /** Shown until the first message. */
  const suggestions = settings.suggestions.map((text) =>
    el("button", { type: "button", class: "suggestion", onclick: () => ask(text) }, text)
  );
  const log = el(
    "div",
    { class: "log", role: "log", "aria-label": texts.log, "aria-live": "off", tabindex: "0" },
    ...greeting,
    ...suggestions,
  );
  // Screen readers announce whole answers, not each word of a stream.
  const live = el("div", { class: "sr", role: "status" });

  function scroll(): void {
    log.scrollTop = log.scrollHeight;
  }

  function say(text: string): void {
    live.textContent = text;
  }

  /** Shows a note in the conversation, optionally with a button. */
  function note(text: string, bad = false, act?: () => void): HTMLElement {
    const made = el("div", { class: bad ? "note bad" : "note" }, text);
    if (act) {
      const again = el("button", { type: "button", onclick: act }, texts.retry);
      made.append(" ", again);
    }
    log.append(made);
    scroll();
    say(text);
    return made;
  }

  function message(role: "user" | "assistant", text: string): Bubble {
    for (const suggestion of suggestions) suggestion.remove();
    const said = role === "user" ? [el("span", { class: "sr" }, texts.you), text] : [render(text)];
    const made = el("div", { class: role, dir: "auto" }, ...said);
    log.append(made);
    scroll();
    let height = log.scrollHeight;
    const set = showGrowing(made, render, () => {
      // Does not scroll if the visitor has scrolled up.
      if (height - log.scrollTop - log.clientHeight < 80) scroll();
      height = log.scrollHeight;
    });
    return { set, remove: () => made.remove() };
  }

  /** Empties the conversation, except for the greeting and suggested questions. */
  function clear(): void {
    for (const child of [...log.children]) if (child.className !== "greeting") child.remove();
    log.append(...suggestions);
  }

  const setBusy = (busy: boolean) => log.setAttribute("aria-busy", String(busy));

  return { elements: [log, live], scroll, say, note, message, clear, setBusy };
}
