import { type Client, type Identity, isOver, randomId, Refusal } from "./api.ts";
import type { Store } from "./store.ts";
import type { Texts } from "./texts.ts";
import type { Bubble, View } from "./view.ts";

/** What a conversation tells the page. */
export type Emit = (name: string, detail?: unknown) => void;

/** What {@linkcode createConversation} works with. */
export interface ConversationParts {
  client: Client;
  store: Store;
  view: View;
  texts: Texts;
  emit: Emit;
  identity: () => Promise<Identity | null>;
}

/** Times that a message is sent again by itself. */
const TRIES = 8;

const POLL_MS = 1_500;

/** Waits, or until the browser is online again. */
function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
  });
}

/** The conversation of a visitor: sends, shows, and finds its way back. */
export function createConversation(parts: ConversationParts) {
  const { client, store, view, texts, emit } = parts;
  let last = 0;
  let busy = false;
  /** The website's id of the visitor, once the page has told it. */
  let visitor: string | undefined;
  /** Whose session is beginning; null while none is. */
  let beginning: { user: string | undefined } | null = null;
  let left = 0;

  /** Tells later whether the conversation was left: then nothing of it is shown, sent or kept. */
  function watchForReset(): () => boolean {
    const before = left;
    return () => left !== before;
  }

  function setBusy(value: boolean): void {
    busy = value;
    view.allow(!value, !value && store.get().token !== undefined);
  }

  /** Whether the stored session is a user's who may not be this visitor: not until the page says so. */
  function isOthers(): boolean {
    const { user } = store.get();
    return user !== undefined && user !== visitor;
  }

  /** The end of a session: its token opens nothing any longer. */
  function forget(): void {
    store.set({ token: undefined, user: undefined });
    last = 0;
  }

  /** Shows what the session has beyond what is shown, until no answer is under way. */
  async function sync(): Promise<void> {
    if (busy || store.get().token === undefined || isOthers()) return;
    setBusy(true);
    const isLeft = watchForReset();
    let note: HTMLElement | undefined;
    try {
      for (let delay = POLL_MS;;) {
        const found = await client.list(last).catch((thrown) => {
          if (thrown instanceof Refusal) throw thrown;
          return null;
        });
        if (isLeft()) return;
        for (const { seq, role, content } of found?.messages ?? []) {
          last = Math.max(last, seq);
          if (content) view.message(role, content);
        }
        if (found && !found.is_answering) break;
        note ??= view.note(found ? texts.writing : texts.offline);
        await wait(delay);
        if (isLeft()) return;
        if (!found) delay = Math.min(2 * delay, 30_000);
      }
    } catch (thrown) {
      if (isLeft()) return;
      if (isOver(thrown)) forget();
      else emit("error", { code: thrown instanceof Refusal ? thrown.code : "network" });
    } finally {
      note?.remove();
      if (!isLeft()) setBusy(false);
    }
  }

  /** Sends a message until it is answered, whatever happens to the connection. */
  async function deliver(text: string, id: string, bubble: Bubble, status: HTMLElement) {
    const isLeft = watchForReset();
    let restarted = false;
    for (let tries = 0, delay = 1_000;; tries++) {
      if (isLeft()) throw new Error("The conversation was left");
      try {
        if (store.get().token === undefined) {
          const identity = await parts.identity();
          if (isLeft()) continue;
          const begun = beginning = { user: identity?.user_id };
          const session = await client.start(identity).finally(() => {
            if (beginning === begun) beginning = null;
          });
          if (isLeft()) continue;
          visitor = session.user;
          store.set(session);
          emit("session");
        }
        status.firstChild!.textContent = texts.writing;
        return await client.send(text, id, bubble.set);
      } catch (thrown) {
        if (isLeft()) throw thrown;
        if (isOver(thrown) && !restarted) {
          restarted = true;
          forget();
          view.note(texts.ended);
          continue;
        }
        const again = !(thrown instanceof Refusal)
          ? delay * (0.75 + Math.random() / 2)
          : /^(request_in_progress|session_busy)$/.test(thrown.code)
          ? POLL_MS
          : thrown.status === 429 && thrown.retryAfter < 60
          ? thrown.retryAfter * 1000
          : null;
        if (again === null || tries >= TRIES) throw thrown;
        status.firstChild!.textContent = !(thrown instanceof Refusal)
          ? texts.offline
          : thrown.status === 429
          ? texts.limit
          : texts.writing;
        view.say(status.textContent ?? "");
        await wait(again);
        delay = Math.min(2 * delay, 30_000);
      }
    }
  }

  async function send(text: string, id = randomId(), isRetry = false): Promise<void> {
    if (busy) return;
    if (isOthers()) reset();
    setBusy(true);
    const isLeft = watchForReset();
    if (!isRetry) {
      view.message("user", text);
      emit("message", { role: "user", content: text });
    }
    const bubble = view.message("assistant", "");
    const status = view.note(texts.writing);
    try {
      const answer = await deliver(text, id, bubble, status);
      if (isLeft()) return;
      view.say(answer);
      emit("message", { role: "assistant", content: answer });
      // So that the next look at the session begins behind this answer.
      const { messages } = await client.list(last).catch(() => ({ messages: [] }));
      if (isLeft()) return;
      for (const { seq } of messages) last = Math.max(last, seq);
    } catch (thrown) {
      if (isLeft()) return;
      bubble.remove();
      const note = view.note(
        thrown instanceof Refusal && thrown.message ? thrown.message : texts.failed,
        true,
        () => {
          note.remove();
          // What the function refused is another request; what was lost is the same one.
          void send(text, thrown instanceof Refusal ? randomId() : id, true);
        },
      );
      emit("error", { code: thrown instanceof Refusal ? thrown.code : "network" });
    } finally {
      status.remove();
      if (!isLeft()) setBusy(false);
    }
  }

  /** Leaves the session: what comes next is a new conversation. */
  function reset(): void {
    left++;
    beginning = null;
    forget();
    store.clear();
    view.clear();
    setBusy(false);
  }

  return {
    send,
    sync,
    reset,
    /** Whether there is a session, or one is beginning. */
    hasSession: () => beginning !== null || store.get().token !== undefined,
    /** Says whose the conversation is from now on; that of another one is left. */
    identify(user: string | undefined): void {
      visitor = user;
      const session = store.get().token === undefined ? beginning : store.get();
      if (session !== null && session.user !== user) reset();
    },
    /** Deletes the conversation on the server, and here. */
    async remove(): Promise<void> {
      if (busy || isOthers()) return;
      const isLeft = watchForReset();
      try {
        await client.remove();
      } catch (thrown) {
        if (isLeft()) return;
        if (!isOver(thrown)) return void view.note(texts.failed, true);
      }
      if (isLeft()) return;
      reset();
      view.note(texts.removed);
      emit("delete");
    },
  };
}
