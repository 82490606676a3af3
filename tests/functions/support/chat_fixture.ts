import type { TurnHandlerDeps } from "../../../functions/_shared/gateway/turn_handler.ts";
import { handleChat } from "../../../functions/chat/handler.ts";
import { createAdmission } from "../../../functions/_shared/http/admission.ts";
import { DEFAULT_LIMITS, type TurnLimits } from "../../../functions/_shared/gateway/limits.ts";
import type { Route, Turn } from "../../../functions/_shared/gateway/turn_database.ts";
import { handleEmbeddings } from "../../../functions/embeddings/handler.ts";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
import { type MemoryDatabase, memoryDatabase } from "./memory_database.ts";
import { type Answer, startUpstream, type UpstreamServer } from "./upstream_server.ts";

/** The credential that the fixture's vendor requires. */
export const VENDOR_KEY = "vendor 5f1e0c7d9b";

/** The user who sends the requests. */
export const USER_ID = "00000000-0000-4000-8000-00000000000a";

/** A chat function with a provider behind it. */
export interface ChatFixture extends AsyncDisposable {
  deps: TurnHandlerDeps;
  database: MemoryDatabase;
  upstream: UpstreamServer;
  /** Values that differ from the default: of the next turns, and of their first route. */
  turn: Partial<Turn>;
  route: Partial<Route>;
  lines: LogFields[];
  /** Resolves with the first line of the log. */
  logged: Promise<LogFields>;
  /** Aborted like a host's signal when it is about to stop. */
  shutdown: AbortController;
  /** Sends a body to /chat/completions. */
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Sends a body to /embeddings. */
  embed(body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** Settings of a test that differ from the default. */
export interface ChatOverrides {
  turn?: Partial<Turn>;
  limits?: Partial<TurnLimits>;
  deps?: Partial<TurnHandlerDeps>;
}

/** Starts a provider that answers as given, and a chat function that calls it. */
export function startChat(answer: Answer, overrides: ChatOverrides = {}): ChatFixture {
  const upstream = startUpstream(answer);
  const database = memoryDatabase(overrides.turn);
  const begin = database.beginTurn;
  database.beginTurn = async (caller, request) => {
    const turn = await begin(caller, request);
    if (!("routes" in turn)) return turn;
    if (!overrides.turn?.routes) turn.routes[0]!.base_url = upstream.baseUrl;
    Object.assign(turn.routes[0]!, fixture.route);
    return Object.assign(turn, fixture.turn);
  };
  const lines: LogFields[] = [];
  const logged = Promise.withResolvers<LogFields>();
  const shutdown = new AbortController();
  const deps: TurnHandlerDeps = {
    authenticate: () => Promise.resolve({ userId: USER_ID, claims: {} }),
    database,
    env: {
      variables: new Map([["OPENROUTER_API_KEY", VENDOR_KEY]]),
      demoUpstreamUrl: undefined,
    },
    fetch,
    lifetime: { shutdown: shutdown.signal },
    // One attempt, unless a test requires more.
    limits: { ...DEFAULT_LIMITS, settleBackoffMs: 2, attempts: 1, ...overrides.limits },
    limiter: { count: () => Promise.resolve(null), learn: () => {}, forget: () => {} },
    cache: null,
    admission: createAdmission(DEFAULT_LIMITS.chatBytesInFlight),
    accessToken: () => Promise.reject(new Error("no test of service accounts")),
    now: Date.now,
    random: () => 0.5,
    log: (_level, fields) => {
      lines.push(fields);
      logged.resolve(fields);
    },
    ...overrides.deps,
  };
  const fixture: ChatFixture = {
    deps,
    database,
    turn: {},
    route: {},
    upstream,
    lines,
    logged: logged.promise,
    shutdown,
    post: (body, headers) => handleChat(chatRequest(body, headers), deps),
    embed: (body, headers) => handleEmbeddings(chatRequest(body, headers, "/embeddings"), deps),
    [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose](),
  };
  return fixture;
}

/** Resolves when the first bytes of a provider's answer to a subsequent call have arrived. */
export function firstBytes(deps: TurnHandlerDeps): { promise: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { fetch } = deps;
  deps.fetch = async (...call) => {
    const response = await fetch(...call);
    const notice = new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        controller.enqueue(bytes);
        resolve();
      },
    });
    return new Response(response.body?.pipeThrough(notice), response);
  };
  return { promise };
}

/** A request to /chat/completions; a body that is not a string or bytes is sent as JSON. */
export function chatRequest(
  body: unknown,
  headers: Record<string, string> = {},
  path = "/chat/completions",
): Request {
  const raw = typeof body === "string" || body instanceof Uint8Array;
  return new Request(`http://127.0.0.1${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: raw ? body as BodyInit : JSON.stringify(body),
  });
}

/** The smallest valid body. */
export const HELLO = { model: "gpt-4o", messages: [{ role: "user", content: "hello" }] };

/** The events of a streamed answer: parsed data, `[DONE]` as a string. */
export async function eventsOf(response: Response): Promise<unknown[]> {
  const text = await response.text();
  return text.split("\n\n").filter((event) => event.startsWith("data: "))
    .map((event) => event.slice("data: ".length))
    .map((payload) => payload === "[DONE]" ? payload : JSON.parse(payload));
}
