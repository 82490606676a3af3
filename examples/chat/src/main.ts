/// <reference lib="dom" />
import { listSessions, readMessages, send, supabase } from "./chat.ts";

const element = <Kind extends HTMLElement>(selector: string) =>
  document.querySelector<Kind>(selector)!;
const account = element<HTMLFormElement>("#account");
const composer = element<HTMLFormElement>("#composer");
let sessionId: string | null = null;

function showMessage(role: string, text: string): HTMLElement {
  const paragraph = document.createElement("p");
  paragraph.className = role;
  paragraph.textContent = text;
  element("#messages").append(paragraph);
  return paragraph;
}

async function showSessions(): Promise<void> {
  const buttons = (await listSessions()).map(({ session_id, title }) => {
    const button = document.createElement("button");
    button.textContent = title ?? "Untitled";
    button.onclick = () => attempt(() => openSession(session_id));
    return button;
  });
  element("#sessions").replaceChildren(...buttons);
}

async function openSession(id: string | null): Promise<void> {
  sessionId = id;
  element("#messages").replaceChildren();
  for (const { role, content } of id ? await readMessages(id) : []) {
    showMessage(role, content ?? "");
  }
}

/** Does something and shows why it failed, if it did. */
async function attempt(work: () => Promise<void>): Promise<void> {
  element("#problem").textContent = "";
  try {
    await work();
  } catch (error) {
    element("#problem").textContent = error instanceof Error ? error.message : String(error);
  }
}

account.onsubmit = (event) => {
  event.preventDefault();
  attempt(async () => {
    const given = new FormData(account);
    const { error } = await supabase.auth.signInWithPassword({
      email: String(given.get("email")),
      password: String(given.get("password")),
    });
    if (error) throw error;
    account.hidden = true;
    account.style.display = "none";
    composer.hidden = false;
    await showSessions();
  });
};

composer.onsubmit = (event) => {
  event.preventDefault();
  const text = String(new FormData(composer).get("text"));
  composer.reset();
  attempt(async () => {
    showMessage("user", text);
    const answer = showMessage("assistant", "");
    sessionId = await send(text, sessionId, (part) => answer.append(part));
    await showSessions();
  });
};

element("#new").onclick = () => attempt(() => openSession(null));
