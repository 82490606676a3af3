import { type Client, type Identity, isOver, randomId, Refusal } from "./api.ts";
import { catchUp, deliver } from "./exchange.ts";
import { createSession } from "./session.ts";
import type { Store } from "./store.ts";
import type { Texts } from "./texts.ts";
import type { View } from "./view.ts";

/** The callbacks of a conversation. */
export type Emit = (name: string, detail?: unknown) => void;

/** The dependencies of {@linkcode createConversation}. */
export interface ConversationParts {
  client: Client;
  store: Store;
  view: View;
  texts: Texts;
  emit: Emit;
  identity: () => Promise<Identity | null>;
}

/** The conversation of a visitor: sends messages, shows answers, and resumes after a reload. */
export function createConversation(parts: ConversationParts) {
  const { client, view, texts, emit } = parts;
  const session = createSession(parts);
  const exchange = { client, session, view, texts };
  let busy = false;

  function setBusy(value: boolean): void {
    busy = value;
    view.allow(!value, !value && session.hasToken());
  }

  /** Shows new messages of the session until no answer is pending. */
  async function sync(): Promise<void> {
    if (busy || !session.hasToken() || session.isOthers()) return;
    setBusy(true);
    const isLeft = session.watch();
    try {
      await catchUp(isLeft, exchange);
    } catch (thrown) {
      if (isLeft()) return;
      if (isOver(thrown)) session.forget();
      else emit("error", { code: codeOf(thrown) });
    } finally {
      if (!isLeft()) setBusy(false);
    }
  }

  async function send(text: string, id = randomId(), isRetry = false): Promise<void> {
    if (busy) return;
    if (session.isOthers()) reset();
    setBusy(true);
    const isLeft = session.watch();
    if (!isRetry) {
      view.message("user", text);
      emit("message", { role: "user", content: text });
    }
    const bubble = view.message("assistant", "");
    const status = view.note(texts.writing);
    try {
      const answer = await deliver({ text, id, bubble, status }, exchange);
      if (isLeft()) return;
      view.say(answer);
      emit("message", { role: "assistant", content: answer });
      // So that the next poll of the session starts after this answer.
      const { messages } = await session.unread().catch(() => ({ messages: [] }));
      if (!isLeft()) session.read(messages);
    } catch (thrown) {
      if (isLeft()) return;
      bubble.remove();
      showFailure(thrown, text, id);
    } finally {
      status.remove();
      if (!isLeft()) setBusy(false);
    }
  }

  /** Shows that a message was not answered, with a button that sends it again. */
  function showFailure(thrown: unknown, text: string, id: string): void {
    const isRefused = thrown instanceof Refusal;
    const note = view.note(isRefused && thrown.message || texts.failed, true, () => {
      note.remove();
      // A refused message gets a new id; a lost one is resent with the same.
      void send(text, isRefused ? randomId() : id, true);
    });
    emit("error", { code: codeOf(thrown) });
  }

  /** Leaves the session, so that the next message starts a new conversation. */
  function reset(): void {
    session.leave();
    view.clear();
    setBusy(false);
  }

  /** Sets the user of the conversation, and leaves the conversation of any other user. */
  function identify(user: string | undefined): void {
    if (session.identify(user)) reset();
  }

  /** Deletes the conversation on the server and in this page. */
  async function remove(): Promise<void> {
    if (busy || session.isOthers()) return;
    const isLeft = session.watch();
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
  }

  return { send, sync, reset, identify, remove, hasSession: session.exists };
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Refusal ? thrown.code : "network";
}
