import { deepEqual, equal, match, ok } from "node:assert/strict";
import { SignJWT } from "jose";
import OpenAI, { type APIError } from "openai";
import { openaiWith, openDatabase, type Person, signUp, stack } from "./support/stack.ts";

const hello = { role: "user" as const, content: "hello" };
const MODEL = "gemini-1.5-pro";

type Body = OpenAI.ChatCompletionCreateParamsNonStreaming;
// SAFETY: the bodies are wrong on purpose; the client sends what it is given.
const send = (client: OpenAI, body: unknown) => client.chat.completions.create(body as Body);

function token(person: Person, change: { expires: string; secret?: string }): Promise<string> {
  return new SignJWT({ role: "authenticated" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(`${stack.API_URL}/auth/v1`).setAudience("authenticated").setSubject(person.id)
    .setIssuedAt().setExpirationTime(change.expires)
    .sign(new TextEncoder().encode(change.secret ?? stack.JWT_SECRET));
}

/** The error of the openai client for each bad input. */
interface Refusal {
  class: new (...given: never[]) => APIError;
  status: number;
  code: string;
  /** What the message must tell the caller to do or change. */
  says: RegExp;
}

type Row = [what: string, attempt: (ann: Person) => Promise<unknown>, refusal: Refusal];

const badRequest = (code: string, says: RegExp): Refusal => ({
  class: OpenAI.BadRequestError,
  status: 400,
  code,
  says,
});
const unauthorized = (code: string, says: RegExp): Refusal => ({
  class: OpenAI.AuthenticationError,
  status: 401,
  code,
  says,
});
const notFound = (code: string, says: RegExp): Refusal => ({
  class: OpenAI.NotFoundError,
  status: 404,
  code,
  says,
});

const rows: Row[] = [
  [
    "messages of the wrong type",
    (ann) => send(ann.openai, { model: MODEL, messages: "hello" }),
    badRequest("invalid_type", /"messages": expected array/),
  ],
  [
    "a temperature of the wrong type",
    (ann) => send(ann.openai, { model: MODEL, messages: [hello], temperature: "hot" }),
    badRequest("invalid_type", /"temperature": expected number/),
  ],
  [
    "no messages at all",
    (ann) => send(ann.openai, { model: MODEL }),
    badRequest("missing_required_parameter", /"messages": it is required/),
  ],
  [
    "empty messages",
    (ann) => send(ann.openai, { model: MODEL, messages: [] }),
    badRequest("invalid_value", /"messages": expected at least one message/),
  ],
  [
    "several choices",
    (ann) => send(ann.openai, { model: MODEL, messages: [hello], n: 3 }),
    badRequest("invalid_value", /"n": expected 1/),
  ],
  [
    "text that cannot be stored",
    (ann) => send(ann.openai, { model: MODEL, messages: [{ role: "user", content: "a\0b" }] }),
    badRequest("invalid_value", /Remove that character/),
  ],
  [
    "an unknown model",
    (ann) => send(ann.openai, { model: "gpt-99", messages: [hello] }),
    notFound("model_not_found", /"gpt-99".*GET \/models/),
  ],
  [
    "no model",
    (ann) => send(ann.openai, { messages: [hello] }),
    badRequest("model_required", /GET \/models/),
  ],
  [
    "an unknown session",
    (ann) =>
      send(ann.openai, { model: MODEL, messages: [hello], metadata: { session_id: "sess_0" } }),
    notFound("session_not_found", /Leave the session id out/),
  ],
  [
    "a body of 21 MB",
    (ann) =>
      send(ann.openai, {
        model: MODEL,
        messages: [{ role: "user", content: "x".repeat(21 << 20) }],
      }),
    {
      class: OpenAI.APIError,
      status: 413,
      code: "request_too_large",
      says: /Send a smaller request/,
    },
  ],
  [
    "an expired token",
    async (ann) =>
      send(openaiWith(await token(ann, { expires: "-1 minute" })), {
        model: MODEL,
        messages: [hello],
      }),
    unauthorized("token_expired", /Refresh the sign-in/),
  ],
  [
    "a token of another project",
    async (ann) => {
      const foreign = await token(ann, {
        expires: "1 hour",
        secret: "the secret of some other project",
      });
      return send(openaiWith(foreign), { model: MODEL, messages: [hello] });
    },
    unauthorized("invalid_token", /signature/),
  ],
  [
    "a token without a user",
    async (ann) => {
      const gone = await token({ ...ann, id: crypto.randomUUID() }, { expires: "1 hour" });
      return send(openaiWith(gone), { model: MODEL, messages: [hello] });
    },
    unauthorized("user_not_found", /Sign in again/),
  ],
  [
    "the publishable key for a token",
    () => send(openaiWith(stack.PUBLISHABLE_KEY), { model: MODEL, messages: [hello] }),
    unauthorized("api_key_not_accepted", /access token of a signed-in user/),
  ],
  [
    "the secret key for a token",
    () => send(openaiWith(stack.SECRET_KEY), { model: MODEL, messages: [hello] }),
    unauthorized("api_key_not_accepted", /access token of a signed-in user/),
  ],
  [
    "an unknown path",
    (ann) => ann.openai.post("/chat/compositions", { body: {} }),
    notFound("unknown_path", /POST \/chat\/completions/),
  ],
  [
    "a wrong method",
    (ann) => ann.openai.get("/chat/completions"),
    { class: OpenAI.APIError, status: 405, code: "method_not_allowed", says: /Use POST/ },
  ],
];

/** What a person's requests have stored in the database. */
async function traces(person: Person): Promise<unknown> {
  await using database = openDatabase();
  const [row] = await database.sql`
    select
      (select count(*)::int from public.chat_sessions where user_id = ${person.id}) as sessions,
      (select count(*)::int from public.chat_messages messages
        join public.chat_sessions sessions on sessions.id = messages.session_id
        where sessions.user_id = ${person.id}) as messages,
      (select count(*)::int from public.ai_interactions where user_id = ${person.id}) as turns,
      (select count(*)::int from public.agent_executions executions
        join public.ai_interactions turns on turns.id = executions.interaction_id
        where turns.user_id = ${person.id}) as calls`;
  return { ...row };
}

const NOTHING = { sessions: 0, messages: 0, turns: 0, calls: 0 };

for (const [what, attempt, refusal] of rows) {
  Deno.test(`the openai client is refused ${what}, and nothing is stored or called`, async () => {
    const ann = await signUp("ann");
    const error = await attempt(ann).then(() => null, (thrown: unknown) => thrown);
    ok(error instanceof refusal.class, `${error}`);
    deepEqual([error.status, error.code], [refusal.status, refusal.code], error.message);
    match(error.message, refusal.says);
    match(error.type ?? "", /^invalid_request_error$/);
    match(error.requestID ?? "", /^req_/);
    deepEqual(await traces(ann), NOTHING);
  });
}

Deno.test("malformed JSON and a missing token are answered in OpenAI's error envelope, and nothing is stored", async () => {
  const ann = await signUp("ann");
  const post = (body: string, headers: Record<string, string>) =>
    fetch(`${stack.FUNCTIONS_URL}/chat/completions`, { method: "POST", body, headers });

  const malformed = await post('{"messages": [', { authorization: `Bearer ${ann.accessToken}` });
  equal(malformed.status, 400);
  const { error } = await malformed.json();
  deepEqual([error.type, error.param, error.code], ["invalid_request_error", null, "invalid_json"]);
  match(error.message, /Send one JSON object/);

  const refused = await post(JSON.stringify({ model: MODEL, messages: [hello] }), {});
  equal(refused.status, 401);
  equal((await refused.json()).error.code, "missing_token");
  deepEqual(await traces(ann), NOTHING);
});
