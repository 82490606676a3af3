import type { Settings } from "./api.ts";
import {
  consentBox,
  deletionQuestion,
  footerOf,
  hostOf,
  iconButton,
  launcherOf,
  messageForm,
  PATHS,
} from "./controls.ts";
import { el } from "./dom.ts";
import { type Bubble, createLog } from "./log.ts";
import type { Texts } from "./texts.ts";

/** The visitor's actions. */
export interface Actions {
  toggle(open: boolean): void;
  send(text: string): void;
  accept(): void;
  remove(): void;
}

/** The interface of a widget, in its own shadow tree. */
export function createView(settings: Settings, texts: Texts, actions: Actions) {
  const log = createLog(settings, texts, suggest);
  const { form, field, button: sendButton } = messageForm(texts, submit);
  const consent = consentBox(settings, texts, accept);
  const question = deletionQuestion(texts, (isYes) => {
    ask(false);
    if (isYes) actions.remove();
  });
  const bin = iconButton(texts.remove, PATHS.bin, () => ask(true), { hidden: true });
  const close = iconButton(texts.close, PATHS.cross, () => actions.toggle(false));
  const launcher = launcherOf(settings, texts, () => actions.toggle(true));
  const panel = panelOf(settings, (event) => {
    if (event.key === "Escape") actions.toggle(false);
    if (event.key === "Tab" && fillsScreen()) keepFocus(event, panel, root);
  }, [
    el("header", {}, el("h2", {}, settings.name), bin, close),
    ...log.elements,
    question,
    consent,
    form,
    footerOf(settings, texts),
  ]);
  const { host, root } = hostOf(settings, launcher, panel);

  function suggest(text: string): void {
    if (form.hidden || sendButton.disabled) return;
    actions.send(text);
    field.focus();
  }

  function submit(): void {
    const text = field.value.trim();
    if (!text || sendButton.disabled) return;
    field.value = "";
    actions.send(text);
  }

  function accept(): void {
    consent.hidden = true;
    form.hidden = false;
    actions.accept();
    field.focus();
  }

  function ask(shown: boolean): void {
    question.hidden = !shown;
    // The safe choice has the focus.
    (shown ? question.querySelector<HTMLElement>(":scope > :last-child") : bin)?.focus();
  }

  /** Shows the consent text, if there is one, instead of the form, or above it if it need not be accepted. */
  function askConsent(): void {
    if (!settings.consent_text) return;
    consent.hidden = false;
    form.hidden = settings.is_consent_required;
  }

  function show(open: boolean, focus: boolean): void {
    panel.hidden = !open;
    launcher.hidden = open;
    launcher.setAttribute("aria-expanded", String(open));
    if (fillsScreen()) panel.setAttribute("aria-modal", "true");
    else panel.removeAttribute("aria-modal");
    if (open) log.scroll();
    if (focus) (open ? (form.hidden || field.disabled ? close : field) : launcher).focus();
  }

  function message(role: "user" | "assistant", text: string): Bubble {
    // A text that need not be accepted is shown before the first message only.
    if (!settings.is_consent_required) consent.hidden = true;
    return log.message(role, text);
  }

  /** Empties the conversation, except for the greeting and suggested questions. */
  function clear(): void {
    log.clear();
    askConsent();
    const first = form.hidden ? consent.querySelector("button") : field;
    if (root.activeElement === bin) first?.focus();
  }

  /** Sets whether the visitor may send, and whether there is a conversation to delete. */
  function allow(writing: boolean, removing: boolean): void {
    sendButton.disabled = !writing;
    bin.hidden = !removing;
    log.setBusy(!writing);
  }

  /** Disables the form if visitors must be signed in to the website and this one is not. */
  function checkSignIn(isSignedIn: boolean): void {
    if (!settings.is_identity_required) return;
    field.disabled = !isSignedIn;
    sendButton.disabled = !isSignedIn;
    field.placeholder = isSignedIn ? texts.placeholder : texts.signIn;
  }

  const { note, say } = log;
  return { host, note, say, show, message, clear, askConsent, allow, checkSignIn };
}

/** A view. */
export type View = ReturnType<typeof createView>;

function panelOf(
  settings: Settings,
  pressed: (event: KeyboardEvent) => void,
  children: HTMLElement[],
): HTMLElement {
  return el("section", {
    id: "panel",
    class: `panel ${settings.placement}`,
    role: "dialog",
    "aria-label": settings.name,
    hidden: true,
    onkeydown: (event) => {
      if (event instanceof KeyboardEvent) pressed(event);
    },
  }, ...children);
}

const fillsScreen = () => matchMedia("(max-width:480px),(max-height:480px)").matches;

/** Keeps the keyboard focus in a panel that covers the page. */
function keepFocus(event: KeyboardEvent, panel: HTMLElement, root: ShadowRoot): void {
  const stops = [...panel.querySelectorAll<HTMLElement>("button,textarea,a,[tabindex='0']")]
    .filter((stop) => stop.checkVisibility() && !stop.matches(":disabled"));
  const [first, last] = [stops[0], stops.at(-1)];
  const from = event.shiftKey ? first : last;
  if (root.activeElement !== from) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}
