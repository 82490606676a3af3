/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { deepEqual, equal } from "node:assert/strict";
import { type Client, type History, type Identity, Refusal } from "./api.ts";
import { createConversation } from "./conversation.ts";
import type { Kept, Store } from "./store.ts";
import { TEXTS } from "./texts.ts";
import type { View } from "./view.ts";

/** A conversation in a page without a document; `client` decides when calls are answered. */
function start(client: Partial<Client>, { token, isIdentified = true, identity = null }: {
  token?: string;
  isIdentified?: boolean;
  identity?: Identity | null;
} = {}) {
  let kept: Kept = token === undefined ? {} : { token, user: "ann" };
  const shown: string[] = [];
  const emitted: string[] = [];
  const store: Store = {
    get: () => kept,
    set: (changes) => void (kept = { ...kept, ...changes }),
    clear: () => void (kept = {}),
  };
  const view = {
    message: (role: string, text: string) => {
      shown.push(`${role}: ${text}`);
      return { set: (said: string) => void shown.push(said), remove: () => {} };
    },
    note: () => ({ firstChild: { textContent: "" }, textContent: "", remove: () => {} }),
    say: (text: string) => void shown.push(text),
    clear: () => void (shown.length = 0),
    allow: () => {},
  };
  const conversation = createConversation({
    // SAFETY: the tests call nothing else.
    client: client as Client,
    store,
    // SAFETY: the conversation reads no other parts of it.
    view: view as unknown as View,
    texts: TEXTS,
    emit: (name) => void emitted.push(name),
    identity: () => Promise.resolve(identity),
  });
  if (token !== undefined && isIdentified) conversation.identify("ann");
  return { conversation, store, shown, emitted };
}

Deno.test("messages that arrive after a log-out are not shown to the next user", async () => {
  const listed = Promise.withResolvers<History>();
  const { conversation, store, shown } = start({ list: () => listed.promise }, {
    token: "wvt_of_ann",
  });
  const syncing = conversation.sync();
  conversation.reset();
  store.set({ token: "wvt_of_ben" });
  const message = { seq: 1, role: "assistant", content: "Ann's order", is_complete: true } as const;
  listed.resolve({ is_answering: false, messages: [message] });
  await syncing;
  deepEqual(shown, []);
  equal(store.get().token, "wvt_of_ben");
});

Deno.test("a session that begins during a log-out is not kept, and gets no message", async () => {
  const begun = Promise.withResolvers<Kept>();
  const sent: string[] = [];
  const { conversation, store, shown, emitted } = start({
    start: () => begun.promise,
    send: (text) => {
      sent.push(text);
      return Promise.resolve("An answer");
    },
    list: () => Promise.resolve({ is_answering: false, messages: [] }),
  });
  const sending = conversation.send("Where is Ann's order?");
  await Promise.resolve();
  conversation.reset();
  begun.resolve({ token: "wvt_of_ann", user: "ann" });
  await sending;
  deepEqual([sent, shown, emitted, store.get()], [[], [], ["message"], {}]);
});

Deno.test("a session that begins for one user is not kept for the next", async () => {
  const table = [["ben", [[], {}]], [undefined, [[], {}]], ["ann", [["Hi"], {
    token: "wvt_of_ann",
    user: "ann",
  }]]] as const;
  for (const [next, expected] of table) {
    const [asked, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<Kept>()];
    const sent: string[] = [];
    const { conversation, store } = start({
      start: () => {
        asked.resolve();
        return begun.promise;
      },
      send: (text) => {
        sent.push(text);
        return Promise.resolve("An answer");
      },
      list: () => Promise.resolve({ is_answering: false, messages: [] }),
    }, { identity: { user_id: "ann", expires_at: 0, signature: "" } });
    const sending = conversation.send("Hi");
    await asked.promise;
    equal(conversation.hasSession(), true);
    conversation.identify(next);
    begun.resolve({ token: "wvt_of_ann", user: "ann" });
    await sending;
    deepEqual([sent, store.get()], expected);
  }
  const failed = start({
    start: () => Promise.reject(new Refusal(403, "agent_disabled", "No.", 0)),
  });
  await failed.conversation.send("Hi");
  deepEqual([failed.emitted, failed.conversation.hasSession()], [["message", "error"], false]);
});

Deno.test("a message that is to be sent again is not sent for the next user", async () => {
  const broken = Promise.withResolvers<string>();
  let calls = 0;
  const { conversation, emitted } = start({
    start: () => Promise.resolve({ token: "wvt_of_ben" }),
    send: () => {
      calls++;
      return calls === 1 ? broken.promise : Promise.resolve("An answer");
    },
    list: () => Promise.resolve({ is_answering: false, messages: [] }),
  }, { token: "wvt_of_ann" });
  const sending = conversation.send("Where is Ann's order?");
  await Promise.resolve();
  conversation.reset();
  broken.reject(new Error("The stream broke"));
  await sending;
  deepEqual([calls, emitted], [1, ["message"]]);
});

Deno.test("a user's conversation is shown, continued and deleted once the page says who it is", async () => {
  const calls: string[] = [];
  const message = { seq: 1, role: "assistant", content: "Ann's order", is_complete: true } as const;
  const begin = () =>
    start(
      {
        list: () => {
          calls.push("list");
          return Promise.resolve({ is_answering: false, messages: [message] });
        },
        start: () => {
          calls.push("start");
          return Promise.resolve({ token: "wvt_of_a_new_session" });
        },
        send: () => Promise.resolve("An answer"),
        remove: () => {
          calls.push("remove");
          return Promise.resolve(new Response());
        },
      },
      { token: "wvt_of_ann", isIdentified: false },
    );
  const { conversation, shown, store } = begin();
  await conversation.sync();
  await conversation.remove();
  deepEqual([shown, calls], [[], []]);
  conversation.identify("ann");
  await conversation.sync();
  deepEqual([shown, store.get().token], [["assistant: Ann's order"], "wvt_of_ann"]);

  const other = begin();
  other.conversation.identify("ben");
  await other.conversation.sync();
  deepEqual([other.shown, other.store.get()], [[], {}]);

  calls.length = 0;
  const unknown = begin();
  await unknown.conversation.send("Hello");
  deepEqual([calls[0], unknown.store.get().token], ["start", "wvt_of_a_new_session"]);
});
