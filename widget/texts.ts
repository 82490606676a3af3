/** The texts of the interface, in English. `widgets.texts` replaces them by name. */
export const TEXTS = {
  open: "Open chat",
  close: "Close chat",
  log: "Conversation",
  you: "You said:",
  message: "Message",
  placeholder: "Write a message",
  send: "Send",
  notice: "You are chatting with an AI assistant. Its answers can be wrong.",
  privacy: "Privacy notice",
  accept: "Accept and start",
  signIn: "Sign in to this website to chat.",
  writing: "Writing an answer…",
  offline: "Connection lost. Trying again…",
  failed: "No answer arrived.",
  retry: "Try again",
  limit: "Too many messages. Please wait a moment.",
  ended: "The previous conversation has ended. This is a new one.",
  remove: "Delete conversation",
  confirm: "Delete this conversation permanently?",
  yes: "Delete",
  no: "Cancel",
  removed: "The conversation was deleted.",
  opensTab: "(opens in a new tab)",
};

/** Texts by name. */
export type Texts = typeof TEXTS;

/** The texts of a widget: its own where it has some, otherwise the built-in ones. */
export function textsOf(own: Record<string, unknown>): Texts {
  const given = Object.entries(own).filter(([name, text]) =>
    name in TEXTS && typeof text === "string"
  );
  return { ...TEXTS, ...Object.fromEntries(given) };
}
