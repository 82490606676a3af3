import type { Kept, Store } from "./store.ts";

/** The settings of a widget that its pages read. */
export interface Settings {
  name: string;
  greeting: string | null;
  consent_text: string | null;
  is_consent_required: boolean;
  is_identity_required: boolean;
  privacy_url: string | null;
  locale: string;
  texts: Record<string, unknown>;
  accent_color: string;
  color_scheme: "auto" | "light" | "dark";
  placement: "right" | "left";
  suggestions: string[];
  has_ai_notice: boolean;
}

/** The identity of the visitor, signed by the website's server. */
export interface Identity {
  user_id: string;
  /** Seconds since the epoch. */
  expires_at: number;
  signature: string;
}

/** A message of the session. */
export interface Message {
  seq: number;
  role: "user" | "assistant";
  content: string;
  is_complete: boolean;
}

/** The session's messages, and whether an answer is under way. */
export interface History {
  is_answering: boolean;
  messages: Message[];
}

/** The function refused the request. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Seconds. */
    readonly retryAfter: number,
  ) {
    super(message);
  }
}

/** Whether the session has ended, so that a new one must be started. */
export function isOver(thrown: unknown): boolean {
  return thrown instanceof Refusal &&
    /^visitor_(token_not_valid|session_(ended|full))$/.test(thrown.code);
}

/** A random text; `randomUUID` exists on https pages only. */
export function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Calls the function `widget` for one widget. */
export function createClient(base: string, key: string, store: Store) {
  async function call(method: string, path: string, body?: object, headers: object = {}) {
    const response = await fetch(`${base}/${key}/${path}`, {
      method,
      headers: { ...(body && { "content-type": "application/json" }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    if (response.ok) return response;
    const { error = {} } = await response.json().catch(() => ({}));
    throw new Refusal(
      response.status,
      error.code ?? "",
      error.message ?? response.statusText,
      Number(response.headers.get("retry-after") ?? 1),
    );
  }

  const authorization = () => ({ authorization: `Bearer ${store.get().token}` });

  return {
    settings: async (): Promise<Settings> => await (await call("GET", "settings")).json(),
    /** Starts a session. @returns Its token and its user. */
    async start(identity: Identity | null): Promise<Pick<Kept, "token" | "user">> {
      const { ticket } = await (await call("POST", "tickets")).json();
      const response = await call("POST", "sessions", {
        ticket,
        ...(store.get().consented && { consented: true }),
        ...(identity && { identity }),
        page_url: location.origin + location.pathname,
        ...(/^[a-z]{2,3}(-\w+)*$/i.test(navigator.language) && { locale: navigator.language }),
      });
      return { token: (await response.json()).token, user: identity?.user_id };
    },
    async list(after: number): Promise<History> {
      const path = `messages?after=${after}`;
      return await (await call("GET", path, undefined, authorization())).json();
    },
    /**
     * Sends a message and reports the partial answer. A message with the same id is answered once.
     *
     * @throws {Refusal} An error of the function; any other error is a broken connection.
     */
    async send(message: string, id: string, progress: (text: string) => void): Promise<string> {
      const headers = { ...authorization(), "idempotency-key": id };
      const { body } = await call("POST", "messages", { message }, headers);
      const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
      let buffer = "";
      let text = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) throw new Error("The stream broke");
        buffer += value;
        const events = buffer.split("\n\n");
        buffer = events.pop()!;
        for (const event of events) {
          if (!event.startsWith("data: ")) continue;
          const said = JSON.parse(event.slice(6));
          if (said.type === "done") return text;
          if (said.type === "error") throw new Refusal(502, said.code, said.message, 1);
          text += said.text;
          progress(text);
        }
      }
    },
    remove: () => call("DELETE", "session", undefined, authorization()),
  };
}

/** A client. */
export type Client = ReturnType<typeof createClient>;
