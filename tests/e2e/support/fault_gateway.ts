import { createAuthenticate } from "../../../functions/_shared/auth/person.ts";
import { acceptAccessKeys } from "../../../functions/_shared/auth/caller.ts";
import { dataApi as callDataApi } from "../../../functions/_shared/database/client.ts";
import { createSqlCaller } from "../../../functions/_shared/database/sql_caller.ts";
import { parseEnv } from "../../../functions/_shared/core/env.ts";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
import { turnDatabase } from "../../../functions/_shared/gateway/turn_database.ts";
import { createAdmission } from "../../../functions/_shared/http/admission.ts";
import { createTurnDeps } from "../../../functions/_shared/gateway/turn_deps.ts";
import { handleChat } from "../../../functions/chat/handler.ts";
import { handleEmbeddings } from "../../../functions/embeddings/handler.ts";
import { directCaller } from "./direct_caller.ts";
import { stack } from "./stack.ts";

/** The vendor whose faults are tested, and its credential. */
export const VENDOR = "e2e_upstream";
export const CREDENTIAL = "sk-e2e-0123456789abcdef";

/** A response as a client received it. */
export interface Given {
  status: number;
  headers: Headers;
  /** The body of an answer in one piece; of a stream its text. */
  text: string;
  /** Code of the error, in the body or in band; null without one. */
  code: string | null;
  /** The content of the answer, as far as it arrived. */
  content: string;
  /** Whether a stream ended in `[DONE]`. */
  done: boolean;
  milliseconds: number;
}

/** The chat function in this process, with short timeouts, on the real database. */
export interface FaultGateway {
  chat(accessToken: string, body: object, headers?: Record<string, string>): Promise<Given>;
  /** The same for the embeddings function. */
  embed(accessToken: string, body: object, headers?: Record<string, string>): Promise<Given>;
  /** The response itself, to be read slowly or not at all. */
  open(accessToken: string, body: object, headers?: Record<string, string>): Promise<Response>;
  /** Resolves when no background work is left. */
  idle(): Promise<void>;
  /** Closes connections that the gateway keeps open between calls. */
  close(): Promise<void>;
  lines: LogFields[];
}

/** Timeouts of the gateway under test, in milliseconds; short, so that tests need not wait. */
export const PATIENCE = {
  firstByteMs: 700,
  idleMs: 700,
  beginMs: 6_000,
  totalMs: 6_000,
  backoffMs: 20,
  commitAfterMs: 400,
  drainMs: 300,
  settleBackoffMs: 40,
  settlePauseMs: 300,
  settleUntilMs: 8_000,
  statementMs: 500,
} as const;

/** The services that the gateway of a test uses. */
export interface GatewaySettings {
  /** The platform whose tokens and keys are valid. @default the stack under test */
  platform?: Pick<typeof stack, "API_URL" | "SECRET_KEY" | "JWT_SECRET">;
  /** Address of the Data API. @default the platform's */
  dataApi?: string;
  /** Address of a Redis. @default none */
  redis?: string;
  redisToken?: string;
  /** The functions' KEY_ENCRYPTION_KEYS, which decrypt the users' keys. @default none */
  keyEncryptionKeys?: string;
  /** Connection string, for calls that bypass the Data API. @default none */
  databaseUrl?: string;
  /** Timeout of a call of the database, in milliseconds. @default that of the functions */
  databaseMs?: number;
}

/**
 * Wires the chat function like its index.ts, with the given addresses of the Data API and Redis.
 */
export function openGateway(settings: GatewaySettings = {}): FaultGateway {
  const {
    platform = stack,
    dataApi = platform.API_URL,
    redis,
    redisToken = "a-token",
    keyEncryptionKeys,
    databaseUrl,
    databaseMs,
  } = settings;
  const env = parseEnv({
    SUPABASE_URL: dataApi,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: platform.SECRET_KEY }),
    AUTH_ISSUER: `${platform.API_URL}/auth/v1`,
    JWT_SECRET: platform.JWT_SECRET,
    [`${VENDOR.toUpperCase()}_API_KEY`]: CREDENTIAL,
    ...keyEncryptionKeys !== undefined && { KEY_ENCRYPTION_KEYS: keyEncryptionKeys },
    ...redis === undefined
      ? {}
      : { UPSTASH_REDIS_REST_URL: redis, UPSTASH_REDIS_REST_TOKEN: redisToken },
  });
  const background = new Set<Promise<unknown>>();
  const lines: LogFields[] = [];
  const real = createTurnDeps(env);
  const direct = databaseUrl === undefined ? null : directCaller(4, databaseUrl, databaseMs);
  const deps = {
    ...real,
    admission: createAdmission(real.limits.chatBytesInFlight),
    log: (_level: string, fields: LogFields) => void lines.push(fields),
    lifetime: {
      shutdown: new AbortController().signal,
      waitUntil: (work: Promise<unknown>) => {
        const noted = work.then(() => {}, () => {}).finally(() => background.delete(noted));
        background.add(noted);
      },
    },
    limits: { ...real.limits, ...PATIENCE },
    ...direct && { database: turnDatabase(direct.call) },
    ...!direct && databaseMs !== undefined && {
      database: turnDatabase(createSqlCaller(callDataApi(env, impatientFetch(databaseMs)))),
    },
    authenticate: acceptAccessKeys(createAuthenticate({ ...env, fetch }), env),
  };

  function requestTo(
    path: string,
    accessToken: string,
    body: object,
    headers: Record<string, string> = {},
  ): Request {
    return new Request(`http://127.0.0.1${path}`, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${accessToken}`,
        "content-type": "application/json",
        ...headers,
      },
      body: JSON.stringify(body),
    });
  }

  const open: FaultGateway["open"] = (...asked) =>
    handleChat(requestTo("/chat/completions", ...asked), deps);
  const openEmbedding: FaultGateway["open"] = (...asked) =>
    handleEmbeddings(requestTo("/embeddings", ...asked), deps);

  return {
    open,
    lines,
    close: async () => await direct?.[Symbol.asyncDispose](),
    async idle() {
      while (background.size > 0) await Promise.all(background);
    },
    chat: (...asked) => readGiven(() => open(...asked)),
    embed: (...asked) => readGiven(() => openEmbedding(...asked)),
  };
}

async function readGiven(ask: () => Promise<Response>): Promise<Given> {
  const began = performance.now();
  const response = await ask();
  const text = await response.text();
  const milliseconds = performance.now() - began;
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  const events = isStream ? eventsOf(text) : [text];
  const parsed = events.filter((data) => data !== "[DONE]").map((data) => JSON.parse(data));
  return {
    status: response.status,
    headers: response.headers,
    text,
    code: parsed.find((event) => event.error)?.error.code ?? null,
    content: parsed.map(contentOf).join(""),
    done: events.includes("[DONE]"),
    milliseconds,
  };
}

function impatientFetch(milliseconds: number): typeof fetch {
  return (input, init) => {
    const signals = [init?.signal, AbortSignal.timeout(milliseconds)];
    return fetch(input, {
      ...init,
      signal: AbortSignal.any(signals.filter((signal) => signal instanceof AbortSignal)),
    });
  };
}

function eventsOf(text: string): string[] {
  return text.split("\n\n").filter((event) => event.startsWith("data: "))
    .map((event) => event.slice("data: ".length));
}

interface Said {
  choices?: { delta?: { content?: string }; message?: { content?: string } }[];
}

function contentOf({ choices }: Said): string {
  return choices?.[0]?.delta?.content ?? choices?.[0]?.message?.content ?? "";
}
