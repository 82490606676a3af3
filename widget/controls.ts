import type { Settings } from "./api.ts";
import { el, icon } from "./dom.ts";
import { readableOn, STYLES } from "./styles.ts";
import type { Texts } from "./texts.ts";

/** The outlines of icons. */
export const PATHS = {
  chat: "M4 5h16v11H10l-5 4v-4H4z",
  cross: "M6 6l12 12M18 6L6 18",
  bin: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
  arrow: "M4 12h15M13 6l6 6-6 6",
} as const;

/** Creates the element of a widget, with the given children in its shadow tree. */
export function hostOf(settings: Settings, ...children: HTMLElement[]) {
  const host = el("div", { "data-scheme": settings.color_scheme, lang: settings.locale });
  // Open, so that accessibility tools see it. The page could read it anyway.
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets = [sheet];
  host.style.setProperty("--accent", settings.accent_color);
  host.style.setProperty("--on-accent", readableOn(settings.accent_color));
  root.append(el("div", { class: "box" }, ...children));
  return { host, root };
}

/** A button that shows an icon. */
export function iconButton(
  label: string,
  path: string,
  act: () => void,
  attributes: Record<string, string | boolean> = {},
): HTMLButtonElement {
  const named = { type: "button", "aria-label": label, title: label, ...attributes };
  return el("button", { ...named, onclick: act }, icon(path));
}

/** The button that opens the panel. */
export function launcherOf(settings: Settings, texts: Texts, act: () => void): HTMLButtonElement {
  return iconButton(texts.open, PATHS.chat, act, {
    class: `launcher ${settings.placement}`,
    "aria-expanded": "false",
    "aria-controls": "panel",
  });
}

/** The form in which the visitor writes messages. */
export function messageForm(texts: Texts, submit: () => void) {
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
  const looks = { type: "submit", class: "primary" };
  const button = iconButton(texts.send, PATHS.arrow, () => {}, looks);
  const onsubmit = (event: Event) => {
    event.preventDefault();
    submit();
  };
  const label = el("label", {}, el("span", { class: "sr" }, texts.message), field);
  return { form: el("form", { onsubmit }, label, button), field, button };
}

/** The consent text, with a button if it must be accepted. */
export function consentBox(settings: Settings, texts: Texts, accept: () => void): HTMLElement {
  const { consent_text: text, is_consent_required: isRequired } = settings;
  const button = { type: "button", class: "primary", onclick: accept };
  return el(
    "div",
    { class: "consent", hidden: true },
    el("p", {}, text ?? ""),
    ...isRequired ? [el("button", button, texts.accept)] : [],
  );
}

/** The question whether to delete the conversation. */
export function deletionQuestion(texts: Texts, answer: (isYes: boolean) => void): HTMLElement {
  return el(
    "div",
    { class: "confirm", role: "group", "aria-label": texts.remove, hidden: true },
    el("p", {}, texts.confirm),
    el("button", { type: "button", class: "primary", onclick: () => answer(true) }, texts.yes),
    el("button", { type: "button", onclick: () => answer(false) }, texts.no),
  );
}

/** The notice that an AI answers, with a link to the privacy policy. */
export function footerOf(settings: Settings, texts: Texts): HTMLElement {
  const notice = settings.has_ai_notice ? texts.notice : "";
  const { privacy_url: href } = settings;
  if (!href) return el("footer", {}, notice);
  const link = el(
    "a",
    { href, target: "_blank", rel: "noopener noreferrer" },
    texts.privacy,
    el("span", { class: "sr" }, ` ${texts.opensTab}`),
  );
  return el("footer", {}, notice, " ", link);
}
