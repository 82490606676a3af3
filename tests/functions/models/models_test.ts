import { deepEqual, equal, match } from "node:assert/strict";
import type { CallRecord } from "../../../functions/_shared/http/call_recorder.ts";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import type { RateLimiter } from "../../../functions/_shared/rate_limit/limiter.ts";
import { rateLimitError } from "../../../functions/_shared/http/rate_limit_error.ts";
import { readyFirst } from "../../../functions/_shared/gateway/model_list.ts";
import { handleModels, type ModelsDeps } from "../../../functions/models/handler.ts";
import { USER_ID } from "../support/chat_fixture.ts";

const MODELS = [
  {
    id: "gemini-1.5-pro",
    agent: "ccrouter",
    model: "gemini-1.5-pro",
    provider: "vertexai",
    kind: "chat",
    created: 7,
  },
  {
    id: "droid/gpt-4o",
    agent: "droid",
    model: "gpt-4o",
    display_name: "GPT-4o",
    kind: "chat",
    created: 8,
  },
  { id: "50%", agent: "odd", model: "50%", kind: "chat", created: 9 },
];

const ACCESS_KEY_ID = "00000000-0000-4000-8000-0000000000ac";

const LIMITS = {
  organization_id: "00000000-0000-4000-8000-0000000000ac",
  organization_per_minute: 20,
  user_per_minute: 9,
};

function deps(asked: unknown[] = []): ModelsDeps {
  return {
    authenticate: (request) =>
      request.headers.has("authorization")
        ? Promise.resolve({ userId: USER_ID, claims: {} })
        : Promise.reject(new ApiError("missing_token", "Who?")),
    database: {
      listModels: (caller, rateLimit, model) => {
        asked.push(caller.userId, rateLimit, model);
        return Promise.resolve({
          models: MODELS,
          caller: { user_id: USER_ID, access_key_id: caller.accessKey ? ACCESS_KEY_ID : null },
          ...rateLimit && { limits: LIMITS, rate_limit: { limit: 9, remaining: 8, reset_ms: 7 } },
        });
      },
    },
    limiter: { count: () => Promise.resolve(null), learn: () => {}, forget: () => {} },
    log: () => {},
    now: Date.now,
  };
}

const get = (path: string, headers: HeadersInit = { authorization: "Bearer x" }, method = "GET") =>
  handleModels(new Request(`http://127.0.0.1${path}`, { method, headers }), deps());

Deno.test("GET /models lists what the caller may use, as OpenAI and Anthropic do", async () => {
  const asked: unknown[] = [];
  const request = new Request("http://127.0.0.1/models", {
    headers: { authorization: "Bearer x" },
  });
  const response = await handleModels(request, deps(asked));
  equal(response.status, 200);
  const body = await response.json();
  equal(body.object, "list");
  deepEqual(body.data[0], {
    id: "gemini-1.5-pro",
    object: "model",
    type: "model",
    created: 7,
    created_at: "1970-01-01T00:00:07.000Z",
    owned_by: "vertexai",
    agent: "ccrouter",
    display_name: "gemini-1.5-pro",
    kind: "chat",
  });
  equal(body.data[1].owned_by, "droid");
  deepEqual([body.has_more, body.first_id, body.last_id], [false, "gemini-1.5-pro", "50%"]);
  deepEqual(asked, [USER_ID, true, null]);
  equal(response.headers.get("x-ratelimit-remaining-requests"), "8");
});

for (
  const [path, id] of [
    ["/models/gemini-1.5-pro", "gemini-1.5-pro"],
    ["/models/ccrouter/gemini-1.5-pro", "gemini-1.5-pro"],
    ["/models/droid/gpt-4o", "droid/gpt-4o"],
    ["/models/droid%2Fgpt-4o", "droid/gpt-4o"],
    ["/functions/v1/models/droid%2Fgpt-4o", "droid/gpt-4o"],
    ["/models/50%25", "50%"],
  ] as const
) {
  Deno.test(`GET ${path} finds ${id}`, async () => {
    const response = await get(path);
    equal(response.status, 200);
    equal((await response.json()).id, id);
  });
}

Deno.test("an error of GET /models has the format of the client that asks", async () => {
  const headers = { authorization: "Bearer x", "anthropic-version": "2023-06-01" };
  const { type, error } = await (await get("/models/gpt-5", headers)).json();
  deepEqual([type, error.type, error.code], ["error", "not_found_error", "model_not_found"]);
});

Deno.test("GET /models/{id} asks for that model only", async () => {
  const asked: unknown[] = [];
  const request = new Request("http://127.0.0.1/models/droid%2Fgpt-4o", {
    headers: { authorization: "Bearer x" },
  });
  equal((await handleModels(request, deps(asked))).status, 200);
  deepEqual(asked, [USER_ID, true, "droid/gpt-4o"]);
});

for (const path of ["/models/gpt-5", "/models/gpt-4o", "/models/droid", "/models/__proto__"]) {
  Deno.test(`GET ${path} finds nothing`, async () => {
    const response = await get(path);
    equal(response.status, 404);
    const { error } = await response.json();
    deepEqual([error.code, error.param], ["model_not_found", "model"]);
    match(error.message, /GET \/models lists/);
  });
}

Deno.test("models need a token, and can only be read", async () => {
  equal((await get("/models", {})).status, 401);
  equal((await get("/models/gpt-4o", {})).status, 401);
  const deleting = await get("/models/gpt-4o", {}, "DELETE");
  equal(deleting.status, 405);
  equal(deleting.headers.get("allow"), "GET, HEAD, OPTIONS");
});

Deno.test("a call that Redis counted is not counted by the database, and one it refuses is not sent there", async () => {
  const asked: unknown[] = [];
  const learned: unknown[] = [];
  const state = { limit: 2, remaining: 1, reset_ms: 60_000, limits: LIMITS };
  const counts: RateLimiter["count"][] = [
    () => Promise.resolve(null),
    () => Promise.resolve(state),
    () => Promise.reject(rateLimitError({ limit: 2, retry_after_ms: 1_500 })),
  ];
  const answers = [];
  for (const count of counts) {
    const learn: RateLimiter["learn"] = (...args) => void learned.push(args);
    const response = await handleModels(
      new Request("http://127.0.0.1/models", { headers: { authorization: "Bearer x" } }),
      { ...deps(asked), limiter: { count, learn, forget: () => {} } },
    );
    const { headers } = response;
    answers.push([response.status, headers.get("x-ratelimit-remaining-requests")]);
    const { error } = await response.json();
    if (error) answers.push([error.code, headers.get("retry-after-ms")]);
  }
  deepEqual(answers, [[200, "8"], [200, "1"], [429, "0"], ["rate_limit_exceeded", "1500"]]);
  deepEqual(asked, [USER_ID, true, null, USER_ID, false, null]);
  deepEqual(learned, [[USER_ID, LIMITS], [USER_ID, undefined]]);
});

Deno.test("the log and the record say whose access key it was", async () => {
  const lines: LogFields[] = [];
  const records: CallRecord[] = [];
  for (const path of ["/models", "/models/droid%2Fgpt-4o"]) {
    const response = await handleModels(new Request(`http://127.0.0.1${path}`), {
      ...deps(),
      authenticate: () => Promise.resolve({ accessKey: "0".repeat(64), address: null }),
      log: (_level, fields) => void lines.push(fields),
      calls: { record: (call) => void records.push(call) },
    });
    equal(response.status, 200);
    await response.body?.cancel();
  }
  deepEqual(
    lines.map(({ user_id, access_key_id }) => [user_id, access_key_id]),
    [[USER_ID, ACCESS_KEY_ID], [USER_ID, ACCESS_KEY_ID]],
  );
  deepEqual(records.map(({ user_id, endpoint }) => [user_id, endpoint]), [
    [USER_ID, "/models"],
    [USER_ID, "/models/{id+}"],
  ]);
});

Deno.test("chat models come first, among them those whose vendor has a credential", () => {
  const models = MODELS.map((model) => ({
    ...model,
    vendor_id: model.agent === "droid" ? "openrouter" : "google_vertex",
  }));
  const drawing = {
    ...{ id: "an artist", agent: "an artist", model: "gpt-image-2", created: 9 },
    ...{ kind: "image", vendor_id: "openrouter" },
  };
  const listed = readyFirst(
    { models: [drawing, ...models] },
    (vendorId) => vendorId === "openrouter",
  );
  deepEqual(listed.models.map(({ id }) => id), [
    "droid/gpt-4o",
    "gemini-1.5-pro",
    "50%",
    "an artist",
  ]);
});
