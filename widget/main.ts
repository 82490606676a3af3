/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { createClient, type Identity, Refusal } from "./api.ts";
import { createConversation } from "./conversation.ts";
import { createStore } from "./store.ts";
import { textsOf } from "./texts.ts";
import { createView } from "./view.ts";

/** An identity, or what fetches one whenever a session begins. */
type IdentitySource = Identity | (() => Identity | Promise<Identity>) | null;

/** Shows a widget in the page; resolves to what the page can do with it. */
async function mount(base: string, key: string, identity: IdentitySource) {
  const events = new EventTarget();
  const emit = (name: string, detail?: unknown) => {
    events.dispatchEvent(new CustomEvent(name, { detail }));
    dispatchEvent(new CustomEvent(`agentbase:${name}`, { detail: { key, ...Object(detail) } }));
  };
  const store = createStore(key);
  const client = createClient(base, key, store);
  const settings = await client.settings();
  const texts = textsOf(settings.texts);

  function toggle(open: boolean, focus = true): void {
    store.set({ open });
    view.show(open, focus);
    if (open) {
      void conversation.sync();
      if (settings.consent_text && !store.get().consented) {
        view.askConsent(settings.consent_text, settings.is_consent_required);
      }
    }
    emit(open ? "open" : "close");
  }

  const view = createView(settings, texts, {
    toggle,
    send: (text) => void conversation.send(text),
    accept: () => store.set({ consented: true }),
    remove: () => void conversation.remove(),
  });
  const conversation = createConversation({
    client,
    store,
    view,
    texts,
    emit,
    identity: currentIdentity,
  });

  /** The identity that the page has named last, also while it is fetched. */
  async function currentIdentity(): Promise<Identity | null> {
    const source = identity;
    const found = typeof source === "function" ? await source() : source;
    return source === identity ? found : await currentIdentity();
  }

  const checkIdentity = () => {
    if (settings.is_identity_required) view.requireSignIn(!identity);
  };

  document.body.append(view.host);
  checkIdentity();
  if (store.get().open) toggle(true, false);
  // A tab that comes back shows what another one said.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && store.get().open) void conversation.sync();
  });
  const widget = {
    open: () => toggle(true),
    close: () => toggle(false),
    /** Says who the visitor is. Another user begins a new conversation. */
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
    /** Leaves the conversation, for a log-out. */
    reset(): void {
      identity = null;
      conversation.reset();
      checkIdentity();
    },
    /** Listens to an event; returns what stops it. */
    on(name: string, heard: (detail: unknown) => void): () => void {
      const listener = (event: Event) => heard(event instanceof CustomEvent ? event.detail : null);
      events.addEventListener(name, listener);
      return () => events.removeEventListener(name, listener);
    },
  };
  return widget;
}

type Widget = Awaited<ReturnType<typeof mount>>;

/** What pages find as `AgentbaseWidget`: the widget of the first script, and those of all by their keys. */
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
