import { deepEqual, equal, match } from "node:assert/strict";
import { type Authenticate, createAuthenticate } from "../../../functions/_shared/auth/person.ts";
import { acceptAccessKeys, callerId } from "../../../functions/_shared/auth/caller.ts";
import { dataApi } from "../../../functions/_shared/database/client.ts";
import { createSqlCaller } from "../../../functions/_shared/database/sql_caller.ts";
import { createSecretKeys } from "../../../functions/_shared/auth/secret_key.ts";
import { readOperations } from "../../../scripts/generate/read-operations.ts";
import { handleAccessKeys } from "../../../functions/access-keys/handler.ts";
import { handleAgentConfigs } from "../../../functions/agent-configs/handler.ts";
import { handleChat } from "../../../functions/chat/handler.ts";
import { handleEmbeddings } from "../../../functions/embeddings/handler.ts";
import { answerAudio, memoryRecordings } from "../support/audio_fixture.ts";
import { handleImages } from "../../../functions/images/handler.ts";
import { handleModerations } from "../../../functions/moderations/handler.ts";
import { keysDatabase } from "../../../functions/keys/db.ts";
import { handleKeys } from "../../../functions/keys/handler.ts";
import { rotationDatabase } from "../../../functions/keys/rotation_db.ts";
import { handleMessages } from "../../../functions/messages/handler.ts";
import { handleModels } from "../../../functions/models/handler.ts";
import { createWidgetHandler } from "../../../functions/widget/handler.ts";
import { handleWebhooks } from "../../../functions/webhooks/handler.ts";
import { DELIVERY_LIMITS } from "../../../functions/webhooks/deliver.ts";
import type { Reporter } from "../../../functions/workflow-events/db.ts";
import { handleWorkflowEvents } from "../../../functions/workflow-events/handler.ts";
import { handleResponses } from "../../../functions/responses/handler.ts";
import { memoryResponses } from "../support/memory_responses.ts";
import { startChat } from "../support/chat_fixture.ts";
import { memoryWidgets } from "../support/memory_widgets.ts";
import { HI } from "../support/messages_fixture.ts";
import { oauthIsolate, testKeyring } from "../support/oauth_fixture.ts";
import { badTokens } from "../support/token_catalogue.ts";
import {
  claims,
  ISSUER,
  makeKey,
  signHS256,
  signWith,
  startKeyServer,
  SUBJECT,
} from "../support/tokens.ts";
import { completion } from "../support/upstream_server.ts";

const SECRET = "a shared secret of sufficient length";
const key = await makeKey("current");
const stranger = await makeKey("stranger");
const HOST = { clientAddressHeader: "cf-connecting-ip" };
const SOME_KEY = `agb_${"Ab-_".repeat(10)}AbA`;

/** The calls that reached the database, and on whose behalf. */
type Asked = string[];

interface Subject {
  /** Function and path. */
  name: string;
  request: (headers: Record<string, string>) => Request;
  answer: (request: Request, authenticate: Authenticate, asked: Asked) => Promise<Response>;
  takesAccessKeys: boolean;
}

const post = (path: string, body: object, method = "POST") => (headers: Record<string, string>) =>
  new Request(`http://127.0.0.1${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const get = (path: string) => (headers: Record<string, string>) =>
  new Request(`http://127.0.0.1${path}`, { headers });
const remove = (path: string) => (headers: Record<string, string>) =>
  new Request(`http://127.0.0.1${path}`, { method: "DELETE", headers });
const plain = { log: () => {}, now: Date.now };

/** A function that takes turns, with the database of the fixture. */
async function turn(
  handle: typeof handleChat | typeof handleEmbeddings | typeof handleResponses,
  request: Request,
  authenticate: Authenticate,
  asked: Asked,
): Promise<Response> {
  await using chat = startChat(() => completion("hi"));
  chat.deps.authenticate = acceptAccessKeys(authenticate, HOST);
  const responses = memoryResponses(chat.database);
  const response = await handle(request, { ...chat.deps, responses });
  asked.push(...chat.database.turns.map(({ caller }) => callerId(caller)));
  return response;
}

const messages = async (request: Request, authenticate: Authenticate, asked: Asked) => {
  await using chat = startChat(() => completion("hi"));
  const response = await handleMessages(request, {
    ...chat.deps,
    authenticate: acceptAccessKeys(authenticate, HOST),
    database: {
      ...chat.deps.database,
      countPrompt: (caller) => {
        asked.push(callerId(caller));
        return Promise.resolve({ tokens: 1 });
      },
    },
  });
  asked.push(...chat.database.turns.map(({ caller }) => callerId(caller)));
  return response;
};

const accessKeys = (request: Request, authenticate: Authenticate, asked: Asked) => {
  const ask = (userId: string) => {
    asked.push(userId);
    return Promise.reject(new Error("that far is far enough"));
  };
  return handleAccessKeys(request, {
    ...plain,
    authenticate,
    database: { create: ask, rotate: ask },
  });
};

const models = (request: Request, authenticate: Authenticate, asked: Asked) =>
  handleModels(request, {
    ...plain,
    authenticate: acceptAccessKeys(authenticate, HOST),
    database: {
      listModels: (caller) => {
        asked.push(callerId(caller));
        return Promise.resolve({ models: [] });
      },
    },
    limiter: { count: () => Promise.resolve(null), learn: () => {}, forget: () => {} },
  });

const nameOf = (reporter: Reporter) =>
  "webhook" in reporter ? reporter.webhook : callerId(reporter);

const workflowEvents = (request: Request, authenticate: Authenticate, asked: Asked) =>
  handleWorkflowEvents(request, {
    ...plain,
    ...HOST,
    keyring,
    signatureTries: { demand() {}, accept() {}, forget() {}, note() {} },
    authenticate: acceptAccessKeys(authenticate, HOST),
    database: {
      secrets: () => Promise.resolve([]),
      report: (reporter) => {
        asked.push(nameOf(reporter));
        return Promise.resolve({
          id: some,
          execution_id: "1",
          status: "running",
          thoughts_recorded: 0,
        });
      },
      reportDeployment: (reporter) => {
        asked.push(nameOf(reporter));
        return Promise.resolve({ id: some, version: 1, status: "pending", progress_percent: null });
      },
    },
  });

const keyring = testKeyring();

const widgetSecrets = async (request: Request, authenticate: Authenticate, asked: Asked) => {
  await using chat = startChat(() => completion("hi"));
  const widgets = memoryWidgets();
  widgets.storeSecret = (userId) => {
    asked.push(userId);
    return Promise.resolve();
  };
  const { recordings } = memoryRecordings();
  const deps = { ...chat.deps, authenticate, keyring, widgets, recordings, ...HOST };
  return await createWidgetHandler(deps)(request);
};

const oauthTokens = (request: Request, authenticate: Authenticate, asked: Asked) => {
  const ask = (userId: string) => {
    asked.push(userId);
    return Promise.reject(new Error("that far is far enough"));
  };
  const isolate = oauthIsolate({
    keyring,
    changes: { authenticate },
    database: {
      findSession: ask,
      storeTokens: ask,
      takeTokens: ask,
      finishRefresh: ask,
      giveUpTokens: ask,
      deleteTokens: ask,
      listConnections: ask,
    },
  });
  return isolate.handle(request);
};

const agentConfigs = (request: Request, authenticate: Authenticate, asked: Asked) => {
  const ask = (userId: string) => {
    asked.push(userId);
    return Promise.reject(new Error("that far is far enough"));
  };
  return handleAgentConfigs(request, {
    ...plain,
    authenticate,
    keyring,
    database: { storeConfig: ask, listConfigs: ask, deleteConfig: ask },
  });
};

const webhooks = (request: Request, authenticate: Authenticate, asked: Asked) => {
  const ask = (userId: string) => {
    asked.push(userId);
    return Promise.reject(new Error("that far is far enough"));
  };
  const none = () => Promise.reject(new Error("nothing is sent"));
  return handleWebhooks(request, {
    ...plain,
    authenticate,
    keyring,
    trustedHosts: [],
    secretKeys: createSecretKeys(new Map()),
    limits: DELIVERY_LIMITS,
    sleep: none,
    guardedFetch: none,
    database: { create: ask, change: ask, claim: none, record: none },
  });
};

/** The functions for people, which accept no access key, by the request that is sent to them. */
function forPeople(
  path: string,
  answer: Subject["answer"],
  requests: Record<string, Subject["request"]>,
): Subject[] {
  return Object.entries(requests).map(([method, request]) => {
    return { name: `${method} ${path}`, request, answer, takesAccessKeys: false };
  });
}

const some = crypto.randomUUID();
/** The keys function, with a database client that records its calls. */
const keysOfPeople = (request: Request, authenticate: Authenticate, asked: Asked) => {
  const transport = dataApi(
    { supabaseUrl: "http://127.0.0.1:1", secretKey: "sb_secret_test" },
    (_address, options) => {
      asked.push(JSON.parse(String(options?.body)).caller.user_id);
      return Promise.resolve(Response.json({ code: "PT404", message: "None." }, { status: 404 }));
    },
  );
  const call = createSqlCaller(transport);
  return handleKeys(request, {
    ...plain,
    authenticate,
    keyring,
    secretKeys: createSecretKeys(new Map([["default", "sb_secret_test"]])),
    database: { ...keysDatabase(call), ...rotationDatabase(call) },
    fetch: () => Promise.reject(new Error("no vendor is called")),
  });
};

const RESPONSE = `/responses/resp_${"0".repeat(32)}`;

const storedResponses = async (request: Request, authenticate: Authenticate, asked: Asked) => {
  await using chat = startChat(() => completion("hi"));
  chat.deps.authenticate = acceptAccessKeys(authenticate, HOST);
  chat.deps.limiter.count = (who) => {
    asked.push(who);
    return Promise.reject(new Error("that far is far enough"));
  };
  return await handleResponses(request, {
    ...chat.deps,
    responses: memoryResponses(chat.database),
  });
};

const subjects: Subject[] = [
  {
    name: "POST /chat/completions",
    request: post("/chat/completions", { messages: [{ role: "user", content: "hello" }] }),
    answer: (request, authenticate, asked) => turn(handleChat, request, authenticate, asked),
    takesAccessKeys: true,
  },
  {
    name: "POST /responses",
    request: post("/responses", { input: "hello" }),
    answer: (request, authenticate, asked) => turn(handleResponses, request, authenticate, asked),
    takesAccessKeys: true,
  },
  {
    name: "POST /responses/input_tokens",
    request: post("/responses/input_tokens", { model: "gpt-4o", input: "hello" }),
    answer: storedResponses,
    takesAccessKeys: true,
  },
  {
    name: "GET /responses/{id}",
    request: get(RESPONSE),
    answer: storedResponses,
    takesAccessKeys: true,
  },
  {
    name: "DELETE /responses/{id}",
    request: remove(RESPONSE),
    answer: storedResponses,
    takesAccessKeys: true,
  },
  {
    name: "POST /responses/{id}/cancel",
    request: post(`${RESPONSE}/cancel`, {}),
    answer: storedResponses,
    takesAccessKeys: true,
  },
  {
    name: "GET /responses/{id}/input_items",
    request: get(`${RESPONSE}/input_items`),
    answer: storedResponses,
    takesAccessKeys: true,
  },
  {
    name: "POST /embeddings",
    request: post("/embeddings", { input: "hello" }),
    answer: (request, authenticate, asked) => turn(handleEmbeddings, request, authenticate, asked),
    takesAccessKeys: true,
  },
  {
    name: "POST /audio/speech",
    request: post("/audio/speech", { input: "hello", voice: "alloy" }),
    answer: (request, authenticate, asked) => turn(answerAudio, request, authenticate, asked),
    takesAccessKeys: true,
  },
  {
    name: "POST /audio/transcriptions",
    request: (headers) => {
      const body = new FormData();
      body.append("file", new File(["OggS"], "a.ogg"));
      return new Request("http://127.0.0.1/audio/transcriptions", {
        method: "POST",
        headers,
        body,
      });
    },
    answer: (request, authenticate, asked) => turn(answerAudio, request, authenticate, asked),
    takesAccessKeys: true,
  },
  {
    name: "POST /audio/turns",
    request: (headers) => {
      const body = new FormData();
      body.append("file", new File(["OggS"], "a.ogg"));
      return new Request("http://127.0.0.1/audio/turns", { method: "POST", headers, body });
    },
    answer: async (request, authenticate, asked) => {
      await using chat = startChat(() => new Response());
      const deps = { ...chat.deps, authenticate: acceptAccessKeys(authenticate, HOST) };
      const recordings = memoryRecordings();
      const response = await answerAudio(request, deps, recordings);
      asked.push(...recordings.began.map(callerId));
      return response;
    },
    takesAccessKeys: true,
  },
  {
    name: "POST /images/generations",
    request: post("/images/generations", { prompt: "hello" }),
    answer: (request, authenticate, asked) => turn(handleImages, request, authenticate, asked),
    takesAccessKeys: true,
  },
  {
    name: "POST /moderations",
    request: post("/moderations", { input: "hello" }),
    answer: (request, authenticate, asked) => turn(handleModerations, request, authenticate, asked),
    takesAccessKeys: true,
  },
  {
    name: "POST /messages",
    request: post("/messages", HI),
    answer: messages,
    takesAccessKeys: true,
  },
  {
    name: "POST /messages/count_tokens",
    request: post("/messages/count_tokens", HI),
    answer: messages,
    takesAccessKeys: true,
  },
  {
    name: "POST /workflow-events",
    request: post("/workflow-events", { workflow_id: some, execution_id: "1" }),
    answer: workflowEvents,
    takesAccessKeys: true,
  },
  {
    name: "POST /workflow-events/deployments",
    request: post("/workflow-events/deployments", { deployment_id: some }),
    answer: workflowEvents,
    takesAccessKeys: true,
  },
  { name: "GET /models", request: get("/models"), answer: models, takesAccessKeys: true },
  { name: "GET /models/{id+}", request: get("/models/x"), answer: models, takesAccessKeys: true },
  {
    name: "POST /access-keys",
    request: post("/access-keys", { name: "CI" }),
    answer: accessKeys,
    takesAccessKeys: false,
  },
  {
    name: "POST /access-keys/{id}/rotate",
    request: post(`/access-keys/${crypto.randomUUID()}/rotate`, {}),
    answer: accessKeys,
    takesAccessKeys: false,
  },
  ...forPeople("/oauth-tokens", oauthTokens, {
    GET: get("/oauth-tokens"),
    POST: post("/oauth-tokens", { provider: "google", access_token: "x" }),
  }),
  ...forPeople("/oauth-tokens/{provider}", oauthTokens, {
    GET: get("/oauth-tokens/google"),
    DELETE: remove("/oauth-tokens/google"),
  }),
  ...forPeople("/oauth-tokens/{provider}/refresh", oauthTokens, {
    POST: post("/oauth-tokens/google/refresh", { rejected: "x" }),
  }),
  ...forPeople("/agent-configs", agentConfigs, {
    POST: post("/agent-configs", { agent_id: some, config_key: "x", config_value: 1 }),
  }),
  ...forPeople("/agent-configs/{agent_id}", agentConfigs, {
    GET: get(`/agent-configs/${some}`),
  }),
  ...forPeople("/agent-configs/{id}", agentConfigs, {
    DELETE: remove(`/agent-configs/${some}`),
  }),
  ...forPeople("/widget/secrets", widgetSecrets, {
    POST: post("/widget/secrets", { widget_id: some }),
  }),
  ...forPeople("/webhooks", webhooks, {
    POST: post("/webhooks", { organization_id: some, name: "x", url: "https://example.com" }),
  }),
  ...forPeople("/webhooks/{id}", webhooks, {
    PATCH: post(`/webhooks/${some}`, { url: "https://example.com" }, "PATCH"),
  }),
  ...forPeople("/webhooks/{id}/rotate", webhooks, {
    POST: post(`/webhooks/${some}/rotate`, {}),
  }),
  ...forPeople("/keys", keysOfPeople, {
    POST: post("/keys", { vendor_id: "openai", key: `sk-${"a".repeat(40)}` }),
  }),
  ...forPeople("/keys/{id}", keysOfPeople, {
    PATCH: post(`/keys/${some}`, { is_active: false }, "PATCH"),
    PUT: post(`/keys/${some}`, { key: `sk-${"a".repeat(40)}` }, "PUT"),
    DELETE: remove(`/keys/${some}`),
  }),
  ...forPeople("/keys/{id}/decrypt", keysOfPeople, { POST: post(`/keys/${some}/decrypt`, {}) }),
  ...forPeople("/keys/{id}/try", keysOfPeople, { POST: post(`/keys/${some}/try`, {}) }),
];

Deno.test("the catalogue has every operation that takes an access token", async () => {
  const root = new URL("../../..", import.meta.url).pathname;
  const declared = (await readOperations(root)).flatMap(({ operations }) =>
    operations
      .filter(([, { audience }]) => audience === "person" || audience === "caller")
      .map(([, { method, path }]) => `${method} ${path}`)
  );
  const tested = new Set(subjects.map(({ name }) => name));
  deepEqual(declared.filter((name) => !tested.has(name)), []);
});

for (const { name, request, answer, takesAccessKeys } of subjects) {
  Deno.test(`${name} lets no one in with what is not a valid token`, async (test) => {
    await using keys = startKeyServer(key);
    const authenticate = createAuthenticate({
      authIssuer: ISSUER,
      jwksUrl: keys.url,
      jwtSecret: SECRET,
      fetch,
    });
    const ask = async (authorization: string | null) => {
      const asked: Asked = [];
      const headers: Record<string, string> = authorization === null ? {} : { authorization };
      const response = await answer(request(headers), authenticate, asked);
      const { error } = await response.clone().json().catch(() => ({}));
      await response.body?.cancel();
      return { response, asked, error };
    };

    for (const bad of await badTokens({ issuer: ISSUER, key, stranger, secret: SECRET })) {
      await test.step(bad.what, async () => {
        const { response, asked, error } = await ask(bad.authorization);
        equal(response.status, 401);
        const isOurs = name.startsWith("POST /messages");
        const type = isOurs ? "authentication_error" : "invalid_request_error";
        deepEqual([error.type, error.code], [type, bad.code]);
        if (bad.says) match(error.message, bad.says);
        equal(response.headers.get("www-authenticate"), "Bearer");
        equal(response.headers.get("access-control-allow-origin"), "*");
        deepEqual(asked, [], "the database was not asked");
      });
    }

    await test.step("a valid token is accepted as its user's", async () => {
      const other = crypto.randomUUID();
      for (
        const [token, person] of [
          [await signWith(key), SUBJECT],
          [await signHS256(SECRET), SUBJECT],
          [await signWith(key, claims({ sub: other })), other],
        ] as const
      ) {
        deepEqual((await ask(`Bearer ${token}`)).asked, [person]);
      }
    });

    await test.step("an access key", async () => {
      const { response, asked, error } = await ask(`Bearer ${SOME_KEY}`);
      if (takesAccessKeys) {
        const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(SOME_KEY));
        deepEqual(asked, [new Uint8Array(digest).toHex()], "its hash, and nothing else, is asked");
      } else {
        deepEqual([response.status, error.code, asked], [403, "access_key_not_accepted", []]);
      }
    });

    await test.step("a value that only looks like an access key", async () => {
      for (
        const end of ["", "x", "Ab".repeat(21), "Ab".repeat(22), "!".repeat(43), "B".repeat(43)]
      ) {
        const { response, asked, error } = await ask(`Bearer agb_${end}`);
        deepEqual(asked, []);
        deepEqual(
          [response.status, error.code],
          takesAccessKeys ? [401, "invalid_api_key"] : [403, "access_key_not_accepted"],
        );
      }
    });

    await test.step("the issuer's keys cannot be fetched", async () => {
      keys.fail(500);
      const cold = createAuthenticate({
        authIssuer: ISSUER,
        jwksUrl: keys.url,
        jwtSecret: SECRET,
        fetch,
      });
      const asked: Asked = [];
      const headers = { authorization: `Bearer ${await signWith(key)}` };
      const response = await answer(request(headers), cold, asked);
      equal(response.status, 503);
      equal((await response.json()).error.code, "auth_unavailable");
      equal(response.headers.get("retry-after"), "5");
      deepEqual(asked, []);
      // Isolates that already have the keys continue.
      deepEqual((await ask(`Bearer ${await signWith(key)}`)).asked, [SUBJECT]);
    });
  });
}
