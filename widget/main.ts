/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { createClient, type Identity, Refusal } from "./api.ts";
import { createConversation } from "./conversation.ts";
import { createStore } from "./store.ts";
import { textsOf } from "./texts.ts";
import { createView } from "./view.ts";

/** An identity, or a function that fetches one when a session starts. */
type IdentitySource = Identity | (() => Identity | Promise<Identity>) | null;

/** Shows a widget in the page; resolves to its API for the page. */
async function mount(base: string, key: string, identity: IdentitySource) {
  const { emit, on } = createEvents(key);
  const store = createStore(key);
  const client = createClient(base, key, store);
  const settings = await client.settings();
  const texts = textsOf(settings.texts);

  function toggle(open: boolean, focus = true): void {
    store.set({ open });
    const { consented } = store.get();
    // Before the focus is set: hiding the form later would lose the focus.
    if (open && !consented && (settings.is_consent_required || !conversation.hasSession())) {
      view.askConsent();
    }
    view.show(open, focus);
    if (open) void conversation.sync();
    emit(open ? "open" : "close");
  }

  const view = createView(settings, texts, {
    toggle,
    send: (text) => void conversation.send(text),
    accept: () => store.set({ consented: true }),
    remove: () => void conversation.remove(),
  });
  const latest = () => latestOf(() => identity);
  const conversation = createConversation({ client, store, view, texts, emit, identity: latest });
  const checkIdentity = () => view.checkSignIn(Boolean(identity));

  document.body.append(view.host);
  checkIdentity();
  if (store.get().open) toggle(true, false);
  // A tab that becomes visible shows the messages of other tabs.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && store.get().open) void conversation.sync();
  });
  return {
    open: () => toggle(true),
    close: () => toggle(false),
    /** Sets the identity of the visitor. Another user starts a new conversation. */
    async identify(source: IdentitySource): Promise<void> {
      identity = source;
      checkIdentity();
      if (!conversation.hasSession()) return;
      const found = typeof source === "function" ? await source() : source;
      if (identity !== source) return;
      conversation.identify(found?.user_id);
      checkIdentity();
      if (store.get().open) void conversation.sync();
    },
    /** Leaves the conversation when the user signs out. */
    reset(): void {
      identity = null;
      conversation.reset();
      checkIdentity();
    },
    on,
  };
}

/** The events of a widget: `emit` sends them to the listeners of `on`, and with its key to the page. */
function createEvents(key: string) {
  const events = new EventTarget();
  return {
    emit(name: string, detail?: unknown): void {
      events.dispatchEvent(new CustomEvent(name, { detail }));
      dispatchEvent(new CustomEvent(`agentbase:${name}`, { detail: { key, ...Object(detail) } }));
    },
    /** Adds a listener; returns a function that removes it. */
    on(name: string, heard: (detail: unknown) => void): () => void {
      const listener = (event: Event) => heard(event instanceof CustomEvent ? event.detail : null);
      events.addEventListener(name, listener);
      return () => events.removeEventListener(name, listener);
    },
  };
}

/**
 * The latest identity that the page has passed, even if another one was passed while it was
 * fetched.
 */
async function latestOf(passed: () => IdentitySource): Promise<Identity | null> {
  const source = passed();
  const found = typeof source === "function" ? await source() : source;
  return source === passed() ? found : await latestOf(passed);
}

type Widget = Awaited<ReturnType<typeof mount>>;

/** The global `AgentbaseWidget`: the widget of the first script, and all widgets by key. */
interface Page extends Partial<Widget> {
  widgets: Record<string, Widget>;
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.dataset.key) {
  const { key, api } = script.dataset;
  const base = (api ?? script.src).replace(/\/embed\.js.*$|\/+$/, "");
  const page: Page = Reflect.get(globalThis, "AgentbaseWidget") ?? { widgets: {} };
  Reflect.set(globalThis, "AgentbaseWidget", page);
  const show = () =>
    mount(base, key, null).then((widget) => {
      const isFirst = Object.keys(page.widgets).length === 0;
      page.widgets[key] = widget;
      if (isFirst) Object.assign(page, widget);
      dispatchEvent(new CustomEvent("agentbase:ready", { detail: { key } }));
    }).catch((thrown) => {
      const code = thrown instanceof Refusal ? thrown.code : "network";
      console.warn(`Agentbase: the widget is not shown (${code}). ${thrown.message}`);
      dispatchEvent(new CustomEvent("agentbase:error", { detail: { key, code } }));
    });
  if (document.body) void show();
  else addEventListener("DOMContentLoaded", () => void show());
}
