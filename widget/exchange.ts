import { type Client, isOver, Refusal } from "./api.ts";
import type { Bubble } from "./log.ts";
import type { Session } from "./session.ts";
import type { Texts } from "./texts.ts";
import type { View } from "./view.ts";

/** Automatic retries of a message. */
const TRIES = 8;

const POLL_MS = 1_500;

/** The dependencies of an exchange of messages. */
export interface ExchangeParts {
  client: Client;
  session: Session;
  view: View;
  texts: Texts;
}

/** A message of the visitor. */
export interface Outgoing {
  text: string;
  /** A message with the same id is answered once. */
  id: string;
  /** Shows the answer. */
  bubble: Bubble;
  /** Shows why there is no answer yet. */
  status: HTMLElement;
}

/** Sends a message until it is answered, even if the connection breaks. @returns The answer. */
export async function deliver(
  { text, id, bubble, status }: Outgoing,
  { client, session, view, texts }: ExchangeParts,
): Promise<string> {
  const isLeft = session.watch();
  let restarted = false;
  for (let tries = 0, delay = 1_000;; tries++) {
    if (isLeft()) throw new Error("The conversation was left");
    try {
      if (!session.hasToken()) await session.begin(isLeft);
      if (isLeft()) continue;
      status.firstChild!.textContent = texts.writing;
      return await client.send(text, id, bubble.set);
    } catch (thrown) {
      if (isLeft()) throw thrown;
      if (isOver(thrown) && !restarted) {
        restarted = true;
        session.forget();
        view.note(texts.ended);
        continue;
      }
      const pause = pauseAfter(thrown, delay);
      if (pause === null || tries >= TRIES) throw thrown;
      status.firstChild!.textContent = reasonOf(thrown, texts);
      view.say(status.textContent ?? "");
      await wait(pause);
      delay = Math.min(2 * delay, 30_000);
    }
  }
}

/** Shows new messages of the session until no answer is pending. @throws {Refusal} */
export async function catchUp(
  isLeft: () => boolean,
  { session, view, texts }: Omit<ExchangeParts, "client">,
): Promise<void> {
  let note: HTMLElement | undefined;
  try {
    for (let delay = POLL_MS;;) {
      const found = await session.unread().catch((thrown) => {
        if (thrown instanceof Refusal) throw thrown;
        return null;
      });
      if (isLeft()) return;
      session.read(found?.messages ?? []);
      for (const { role, content } of found?.messages ?? []) {
        if (content) view.message(role, content);
      }
      if (found && !found.is_answering) return;
      note ??= view.note(found ? texts.writing : texts.offline);
      await wait(delay);
      if (isLeft()) return;
      if (!found) delay = Math.min(2 * delay, 30_000);
    }
  } finally {
    note?.remove();
  }
}

/** Milliseconds until the message is sent again; null if it is not. */
function pauseAfter(thrown: unknown, delay: number): number | null {
  if (!(thrown instanceof Refusal)) return delay * (0.75 + Math.random() / 2);
  if (/^(request_in_progress|session_busy)$/.test(thrown.code)) return POLL_MS;
  return thrown.status === 429 && thrown.retryAfter < 60 ? thrown.retryAfter * 1000 : null;
}

/** The text that a visitor sees while the message waits to be sent again. */
function reasonOf(thrown: unknown, texts: Texts): string {
  if (!(thrown instanceof Refusal)) return texts.offline;
  return thrown.status === 429 ? texts.limit : texts.writing;
}

/** Waits for a time, but only until the browser is online again. */
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
