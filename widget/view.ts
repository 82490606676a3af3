import type { Settings } from "./api.ts";
import { el, icon } from "./dom.ts";
import { showGrowing } from "./growing.ts";
import { renderMarkdown } from "./markdown.ts";
import { readableOn, STYLES } from "./styles.ts";
import type { Texts } from "./texts.ts";

/** What the visitor does. */
export interface Actions {
  toggle(open: boolean): void;
  send(text: string): void;
  accept(): void;
  remove(): void;
}

/** One message on the screen. */
export interface Bubble {
  /** Shows the text as far as it has come. */
  set(text: string): void;
  remove(): void;
}

const CHAT = "M4 5h16v11H10l-5 4v-4H4z";
const CROSS = "M6 6l12 12M18 6L6 18";
const BIN = "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13";
const ARROW = "M4 12h15M13 6l6 6-6 6";

/** Everything that is seen of a widget, in a shadow tree of its own. */
export function createView(settings: Settings, texts: Texts, actions: Actions) {
  const host = el("div", { "data-scheme": settings.color_scheme, lang: settings.locale });
  // Open, so that tools which check a page for accessibility see it. The page could read it anyway.
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets = [sheet];
  host.style.setProperty("--accent", settings.accent_color);
  host.style.setProperty("--on-accent", readableOn(settings.accent_color));

  const button = (label: string, path: string, act: () => void, type = "button") =>
    el("button", { type, "aria-label": label, title: label, onclick: act }, icon(path));

  const launcher = button(texts.open, CHAT, () => actions.toggle(true));
  launcher.className = `launcher ${settings.placement}`;
  launcher.setAttribute("aria-expanded", "false");
  launcher.setAttribute("aria-controls", "panel");
  const close = button(texts.close, CROSS, () => actions.toggle(false));
  const bin = button(texts.remove, BIN, () => ask(true));
  bin.hidden = true;

  const log = el("div", {
    class: "log",
    role: "log",
    "aria-label": texts.log,
    "aria-live": "off",
    tabindex: "0",
  });
  // Screen readers hear whole answers, not each word of a stream.
  const live = el("div", { class: "sr", role: "status" });
  const field = el("textarea", {
    rows: "1",
    maxlength: "4000",
    placeholder: texts.placeholder,
    enterkeyhint: "send",
    onkeydown: (event) => {
      if (!(event instanceof KeyboardEvent) || event.isComposing) return;
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      submit();
    },
  });
  const sendButton = button(texts.send, ARROW, () => {}, "submit");
  sendButton.className = "primary";
  const form = el(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    el("label", {}, el("span", { class: "sr" }, texts.message), field),
    sendButton,
  );
  const consent = el("div", { class: "consent", hidden: true });
  const confirm = el(
    "div",
    { class: "confirm", role: "group", "aria-label": texts.remove, hidden: true },
    el("p", {}, texts.confirm),
    el("button", {
      type: "button",
      class: "primary",
      onclick: () => {
        ask(false);
        actions.remove();
      },
    }, texts.yes),
    el("button", { type: "button", onclick: () => ask(false) }, texts.no),
  );
  const footer = el("footer", {}, settings.has_ai_notice ? texts.notice : "");
  if (settings.privacy_url) {
    const { privacy, opensTab } = texts;
    footer.append(" ", renderMarkdownLink(privacy, settings.privacy_url, opensTab));
  }
  const panel = el(
    "section",
    {
      id: "panel",
      class: `panel ${settings.placement}`,
      role: "dialog",
      "aria-label": settings.name,
      hidden: true,
      onkeydown: (event) => {
        if (!(event instanceof KeyboardEvent)) return;
        if (event.key === "Escape") actions.toggle(false);
        if (event.key === "Tab") keepFocus(event);
      },
    },
    el("header", {}, el("h2", {}, settings.name), bin, close),
    log,
    live,
    confirm,
    consent,
    form,
    footer,
  );
  root.append(el("div", { class: "box" }, launcher, panel));

  const fillsScreen = () => matchMedia("(max-width:480px),(max-height:480px)").matches;

  /** Where the panel is all that is seen, the keyboard stays in it. */
  function keepFocus(event: KeyboardEvent): void {
    if (!fillsScreen()) return;
    const stops = [...panel.querySelectorAll<HTMLElement>("button,textarea,a,[tabindex='0']")]
      .filter((stop) => stop.checkVisibility() && !stop.matches(":disabled"));
    const [first, last] = [stops[0], stops.at(-1)];
    const from = event.shiftKey ? first : last;
    if (root.activeElement !== from) return;
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  }

  function ask(shown: boolean): void {
    confirm.hidden = !shown;
    // What destroys nothing is the first choice.
    (shown ? confirm.querySelector<HTMLElement>(":scope > :last-child") : bin)?.focus();
  }

  function submit(): void {
    const text = field.value.trim();
    if (!text || sendButton.disabled) return;
    field.value = "";
    actions.send(text);
  }

  function scroll(): void {
    log.scrollTop = log.scrollHeight;
  }

  function say(text: string): void {
    live.textContent = text;
  }

  /** Shows a note in the conversation, with a button where there is something to do. */
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

  if (settings.greeting) {
    log.append(el("div", { class: "greeting" }, renderMarkdown(settings.greeting, texts.opensTab)));
  }

  /** Questions to begin with, until something is said. */
  const suggestions = settings.suggestions.map((text) =>
    el("button", {
      type: "button",
      class: "suggestion",
      onclick: () => {
        if (form.hidden || sendButton.disabled) return;
        actions.send(text);
        field.focus();
      },
    }, text)
  );
  log.append(...suggestions);

  return {
    host,
    note,
    say,
    show(open: boolean, focus: boolean): void {
      panel.hidden = !open;
      launcher.hidden = open;
      launcher.setAttribute("aria-expanded", String(open));
      if (fillsScreen()) panel.setAttribute("aria-modal", "true");
      else panel.removeAttribute("aria-modal");
      if (open) scroll();
      if (focus) (open ? (form.hidden || field.disabled ? close : field) : launcher).focus();
    },
    message(role: "user" | "assistant", text: string): Bubble {
      for (const suggestion of suggestions) suggestion.remove();
      const made = el("div", { class: role, dir: "auto" });
      const render = (markdown: string) => renderMarkdown(markdown, texts.opensTab);
      made.append(
        ...role === "user" ? [el("span", { class: "sr" }, texts.you), text] : [render(text)],
      );
      log.append(made);
      scroll();
      let height = log.scrollHeight;
      const set = showGrowing(made, render, () => {
        // Who has scrolled up to read is left there.
        if (height - log.scrollTop - log.clientHeight < 80) scroll();
        height = log.scrollHeight;
      });
      return { set, remove: () => made.remove() };
    },
    /** Empties the conversation, up to the greeting and the questions to begin with. */
    clear(): void {
      for (const child of [...log.children]) if (child.className !== "greeting") child.remove();
      log.append(...suggestions);
    },
    /** Whether the visitor may write, and whether there is something to delete. */
    allow(writing: boolean, removing: boolean): void {
      sendButton.disabled = !writing;
      bin.hidden = !removing;
      log.setAttribute("aria-busy", String(!writing));
    },
    /** Shows the consent text in place of the form, or above it where it need not be accepted. */
    askConsent(text: string, required: boolean): void {
      consent.replaceChildren(el("p", {}, text));
      if (required) {
        consent.append(el("button", {
          type: "button",
          class: "primary",
          onclick: () => {
            consent.hidden = true;
            form.hidden = false;
            actions.accept();
            field.focus();
          },
        }, texts.accept));
      }
      consent.hidden = false;
      form.hidden = required;
    },
    /** Closes the form for who is not signed in to the website. */
    requireSignIn(required: boolean): void {
      field.disabled = required;
      sendButton.disabled = required;
      field.placeholder = required ? texts.signIn : texts.placeholder;
    },
  };
}

/** A view. */
export type View = ReturnType<typeof createView>;

function renderMarkdownLink(label: string, address: string, newTab: string): HTMLElement {
  return el(
    "a",
    { href: address, target: "_blank", rel: "noopener noreferrer" },
    label,
    el("span", { class: "sr" }, ` ${newTab}`),
  );
}
