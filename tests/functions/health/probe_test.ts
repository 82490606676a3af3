import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { createRedis } from "../../../functions/_shared/redis/client.ts";
import {
  type FakeProvider,
  MODELS,
  type ProviderAnswer,
  startProvider,
  startRawProvider,
} from "../support/fake_provider.ts";
import { inTime } from "../support/in_time.ts";
import { claim, createProbes, CREDENTIAL, CRON_KEY } from "../support/probe_fixture.ts";
import { startTestRedis } from "../support/redis.ts";

const JSON_TYPE = { "content-type": "application/json" };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const status = (code: number, headers: HeadersInit = {}): ProviderAnswer => () =>
  Response.json({ error: { message: "upstream said marker5151" } }, { status: code, headers });

/**
 * The result of each behaviour of a provider, for a platform agent and for one with a key of its
 * own.
 */
const MATRIX: Record<string, {
  answer: ProviderAnswer;
  platform: [status: string, code: string | null] | null;
  own: [status: string, code: string | null] | null;
}> = {
  "healthy": {
    answer: () => Response.json(MODELS),
    platform: ["healthy", null],
    own: ["healthy", null],
  },
  "slow": {
    answer: async () => {
      await pause(700);
      return Response.json(MODELS);
    },
    platform: ["degraded", "slow"],
    own: ["degraded", "slow"],
  },
  "a refused key (401)": {
    answer: status(401),
    platform: ["unhealthy", "credential_refused"],
    own: ["healthy", null],
  },
  "no money (402)": {
    answer: status(402),
    platform: ["unhealthy", "credential_refused"],
    own: ["healthy", null],
  },
  "a key that may not list models (403)": {
    answer: status(403),
    platform: null,
    own: ["healthy", null],
  },
  "an unknown path (404)": { answer: status(404), platform: null, own: ["healthy", null] },
  "a rate limit (429)": {
    answer: status(429, { "retry-after": "600" }),
    platform: ["degraded", "rate_limited"],
    own: ["healthy", null],
  },
  "an error (500)": {
    answer: status(500),
    platform: ["unhealthy", "upstream_error"],
    own: ["unhealthy", "upstream_error"],
  },
  "overload (529)": {
    answer: status(529),
    platform: ["unhealthy", "upstream_error"],
    own: ["unhealthy", "upstream_error"],
  },
  "silence": {
    answer: () => "hang",
    platform: ["unhealthy", "timeout"],
    own: ["unhealthy", "timeout"],
  },
  "a body that never ends": {
    answer: () =>
      new Response(
        new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([123])) }),
      ),
    platform: ["unhealthy", "timeout"],
    own: ["unhealthy", "timeout"],
  },
  "garbage": {
    answer: () => new Response("<html>marker5151</html>"),
    platform: ["unhealthy", "answer_unreadable"],
    own: ["unhealthy", "answer_unreadable"],
  },
  "a number": {
    answer: () => Response.json(123_456_789),
    platform: ["unhealthy", "answer_unreadable"],
    own: ["unhealthy", "answer_unreadable"],
  },
  "a huge body": {
    answer: () => new Response(new Uint8Array(70_000)),
    platform: ["unhealthy", "answer_too_large"],
    own: ["unhealthy", "answer_too_large"],
  },
  "a redirect to a cloud's metadata": {
    answer: () =>
      new Response(null, {
        status: 302,
        headers: { location: "http://169.254.169.254/latest/meta-data/marker5151" },
      }),
    platform: ["unhealthy", "redirect_refused"],
    own: ["unhealthy", "redirect_refused"],
  },
};

for (const [behaviour, { answer, platform, own }] of Object.entries(MATRIX)) {
  for (
    const [whose, is_platform, wanted] of [
      ["the platform's", true, platform],
      ["a person's", false, own],
    ] as const
  ) {
    Deno.test(`${behaviour} makes ${whose} agent ${wanted?.join(", ") ?? "nothing else"}`, async () => {
      await using provider = startProvider(answer);
      const probes = createProbes([claim(provider.baseUrl, { is_platform })], {
        limits: { answerBytes: 64_000, ...behaviour === "slow" && { slowMs: 500 } },
      });
      const found = await probes.find();
      deepEqual(found ? [found.status, found.error_code] : null, wanted);
      equal(provider.calls.length, 1);
      // Neither the vendor's message nor the credential appears anywhere.
      doesNotMatch(JSON.stringify([probes.recorded, probes.lines]), /marker|hush|123456789/);
    });
  }
}

Deno.test("an answer that is not HTTP makes an agent unhealthy", async () => {
  await using provider = await startRawProvider("SSH-2.0-marker5151\r\n");
  const found = await createProbes([claim(provider.baseUrl)]).find();
  deepEqual([found?.status, found?.error_code], ["unhealthy", "answer_unreadable"]);
});

Deno.test("a refused connection and a broken TLS make an agent unhealthy", async () => {
  await using plain = await startRawProvider("HTTP/1.1 400 Bad Request\r\n\r\n");
  const gone = startProvider(() => Response.json(MODELS));
  await gone[Symbol.asyncDispose]();
  for (const baseUrl of [gone.baseUrl, plain.baseUrl.replace("http:", "https:")]) {
    const found = await createProbes([claim(baseUrl)]).find();
    deepEqual([found?.status, found?.error_code], ["unhealthy", "unreachable"], baseUrl);
  }
});

Deno.test("an address inside the network is not called", async () => {
  for (const baseUrl of ["https://169.254.169.254/v1", "https://10.0.0.1/v1", "https://[::1]/v1"]) {
    const found = await createProbes([claim(baseUrl)]).find();
    deepEqual([found?.status, found?.error_code], ["unhealthy", "address_forbidden"], baseUrl);
  }
});

Deno.test("the list of models is asked for, with the platform's credential", async () => {
  await using provider = startProvider(() => Response.json(MODELS));
  const probes = createProbes([claim(provider.baseUrl)]);
  const found = await probes.find();
  const [call] = provider.calls;
  deepEqual([call?.method, call?.path, call?.body], ["GET", "/v1/models", ""]);
  equal(call?.headers.get("authorization"), `Bearer ${CREDENTIAL}`);
  deepEqual([found?.is_call, found?.usage, found?.retry_after_ms], [false, null, null]);
  ok(found?.latency_ms !== null);
});

Deno.test("a vendor's own path and header are used", async () => {
  await using provider = startProvider(() => Response.json([{ voice: "one" }]));
  const changes = { probe_path: "/user/balance", auth_header: "xi-api-key", auth_scheme: null };
  const found = await createProbes([claim(provider.baseUrl, changes)]).find();
  equal(found?.status, "healthy");
  const [call] = provider.calls;
  deepEqual([call?.path, call?.headers.get("xi-api-key")], ["/v1/user/balance", CREDENTIAL]);
});

Deno.test("if no free endpoint exists, the smallest call is made, and its usage reported", async () => {
  const completion = (body: object) => () => Response.json(body);
  const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };
  const answered = { choices: [{ message: { role: "assistant", content: "ok" } }], usage };
  await using provider = startProvider(completion(answered));
  const claims = [1, 2].map((number) =>
    claim(provider.baseUrl, {
      agent_id: `20000000-0000-4000-8000-00000000000${number}`,
      probe_path: null,
    })
  );
  const probes = createProbes(claims);
  await probes.find();
  const [call] = provider.calls;
  deepEqual([call?.method, call?.path], ["POST", "/v1/chat/completions"]);
  const { model, max_tokens, messages } = JSON.parse(call?.body ?? "");
  deepEqual([model, max_tokens, messages.length], ["small-1", 16, 1]);
  equal(provider.calls.length, 1);
  // Agents that share a call share its result, and its cost is counted once.
  deepEqual(
    probes.recorded[0]?.map((found) => [found.status, found.is_call, found.usage?.input_tokens]),
    [["healthy", true, 9], ["healthy", true, undefined]],
  );
  await using empty = startProvider(completion({ object: "list", data: [] }));
  const found = await createProbes([claim(empty.baseUrl, { probe_path: null })]).find();
  equal(found?.error_code, "answer_unreadable");
});

Deno.test("a call that is refused with 403 makes a platform agent unhealthy, a list does not", async () => {
  await using provider = startProvider(status(403));
  const found = await createProbes([claim(provider.baseUrl, { probe_path: null })]).find();
  deepEqual([found?.status, found?.error_code], ["unhealthy", "credential_refused"]);
  const probes = createProbes([claim(provider.baseUrl)]);
  equal((await (await probes.probe()).json()).without_finding, 1);
  deepEqual(probes.recorded, []);
  equal(probes.lines.find(({ event }) => event === "probe_without_finding")?.reply, "status 403");
});

Deno.test("a vendor with Anthropic's API is probed by a message", async () => {
  const message = {
    type: "message",
    content: [{ type: "text", text: "ok" }],
    stop_reason: "end_turn",
    usage: { input_tokens: 9, output_tokens: 2 },
  };
  await using provider = startProvider(({ path }) =>
    Response.json(path === "/v1/models" ? MODELS : message)
  );
  const changes = { api_format: "anthropic", auth_header: "x-api-key", auth_scheme: null };
  for (const probe_path of ["/models", null]) {
    const found = await createProbes([claim(provider.baseUrl, { ...changes, probe_path })]).find();
    deepEqual([found?.status, found?.usage?.input_tokens], ["healthy", probe_path ? undefined : 9]);
  }
  deepEqual(provider.calls.map(({ path, headers }) => [path, headers.get("x-api-key")]), [
    ["/v1/models", CREDENTIAL],
    ["/v1/messages", CREDENTIAL],
  ]);
  ok(provider.calls.every(({ headers }) => headers.get("anthropic-version") === "2023-06-01"));
});

Deno.test("the pause that a vendor asks for is passed on", async () => {
  await using provider = startProvider(status(429, { "retry-after": "600" }));
  const found = await createProbes([claim(provider.baseUrl)]).find();
  equal(found?.retry_after_ms, 600_000);
});

Deno.test("agents of one vendor are probed by one call", async () => {
  await using one = startProvider(() => Response.json(MODELS));
  await using two = startProvider(status(500));
  const claims = Array.from(
    { length: 40 },
    (_, index) =>
      claim(index % 2 === 0 ? one.baseUrl : two.baseUrl, {
        agent_id: `20000000-0000-4000-8000-0000000000${String(index).padStart(2, "0")}`,
        vendor_id: index % 2 === 0 ? "acme" : "zenith",
        is_platform: index % 4 < 2,
      }),
  );
  const probes = createProbes(claims, {
    variables: { ACME_API_KEY: CREDENTIAL, ZENITH_API_KEY: CREDENTIAL },
  });
  const response = await probes.probe();
  deepEqual(await response.json(), {
    run_id: null,
    claimed: 40,
    calls: 2,
    healthy: 20,
    degraded: 0,
    unhealthy: 20,
    without_finding: 0,
    left: 0,
  });
  deepEqual([one.calls.length, two.calls.length, probes.recorded[0]?.length], [1, 1, 40]);
});

/** Claims for this many vendors, each with an address of its own. */
function vendors(count: number, { baseUrl }: FakeProvider) {
  const claims = Array.from({ length: count }, (_, index) =>
    claim(baseUrl, {
      agent_id: `20000000-0000-4000-8000-0000000000${String(index).padStart(2, "0")}`,
      vendor_id: `v${index}`,
    }));
  const variables = Object.fromEntries(claims.map((_, index) => [`V${index}_API_KEY`, CREDENTIAL]));
  return { claims, variables };
}

Deno.test("vendors are called in parallel, within bounds", async () => {
  let [open, most] = [0, 0];
  await using provider = startProvider(async () => {
    most = Math.max(most, ++open);
    await pause(30);
    open--;
    return Response.json(MODELS);
  });
  const { claims, variables } = vendors(12, provider);
  const probes = createProbes(claims, { variables, limits: { parallel: 4 } });
  equal((await (await probes.probe()).json()).healthy, 12);
  equal(most, 4);
});

Deno.test("a round in which every vendor hangs ends in time, and leaves the rest to the next", async () => {
  await using provider = startProvider(() => "hang");
  const { claims, variables } = vendors(20, provider);
  const limits = { parallel: 2, callMs: 100, roundMs: 250 };
  await inTime(async () => {
    const probes = createProbes(claims, { variables, limits });
    const startedAt = performance.now();
    const { unhealthy, left, calls } = await (await probes.probe()).json();
    const took = performance.now() - startedAt;
    deepEqual([unhealthy + left, calls === unhealthy, left >= 12], [20, true, true]);
    return { "the round": [took, 2_000] };
  });
});

Deno.test("a platform agent without a credential is unhealthy, and its vendor is not called", async () => {
  await using provider = startProvider(() => Response.json(MODELS));
  const probes = createProbes([claim(provider.baseUrl)], { variables: {} });
  const { unhealthy, calls } = await (await probes.probe()).json();
  deepEqual([unhealthy, calls, provider.calls.length], [1, 0, 0]);
  equal(probes.recorded[0]?.[0]?.error_code, "vendor_not_configured");
});

Deno.test("the vendor of an agent with the user's own key is probed without a credential", async () => {
  for (const [answer, own] of [[status(401), "healthy"], [status(503), "unhealthy"]] as const) {
    await using provider = startProvider(answer);
    const claims = [true, false].map((is_platform) => claim(provider.baseUrl, { is_platform }));
    const probes = createProbes(claims, { variables: {} });
    equal((await (await probes.probe()).json()).calls, 1);
    equal(provider.calls[0]?.headers.get("authorization"), null);
    deepEqual(
      probes.recorded[0]?.map((found) => [found.status, found.error_code]),
      [["unhealthy", "vendor_not_configured"], [
        own,
        own === "healthy" ? null : "upstream_error",
      ]],
    );
  }
});

Deno.test("a vendor whose address the operator must complete is unknown for an agent with the user's own key", async () => {
  const probes = createProbes(
    [claim("https://{resource}.example.com/v1", { is_platform: false })],
    { variables: {} },
  );
  const { without_finding, calls } = await (await probes.probe()).json();
  deepEqual([without_finding, calls], [1, 0]);
});

Deno.test("the demo upstream stands in for vendors without a credential, for the platform's agents", async () => {
  await using demo = startProvider(({ path }) =>
    path === "/v1/models" ? Response.json(MODELS) : Response.json({}, { status: 404 })
  );
  const claims = [
    claim("https://ai.example.com/v1", { probe_path: "/key" }),
    claim("https://ai.example.com/v1", { probe_path: "/key", is_platform: false }),
  ];
  const probes = createProbes(claims, { variables: {}, demoUpstreamUrl: demo.baseUrl });
  const { healthy, without_finding } = await (await probes.probe()).json();
  deepEqual([healthy, without_finding], [1, 1]);
});

Deno.test("a round needs the scheduler's key, or the operator's", async () => {
  const probes = createProbes([]);
  const codes: unknown[] = [];
  for (
    const apikey of [
      "",
      "sb_secret_defaulthush",
      CRON_KEY,
      "sb_secret_x",
      "sb_secret_cron471",
      "sb_publishable_1",
    ]
  ) {
    const response = await probes.probe({ headers: { apikey } });
    codes.push([response.status, (await response.json()).error?.code ?? null]);
  }
  deepEqual(codes, [
    [401, "missing_secret_key"],
    [200, null],
    [200, null],
    [403, "secret_key_not_allowed"],
    [401, "invalid_secret_key"],
    [401, "missing_secret_key"],
  ]);
  const get = await probes.probe({ method: "GET" });
  deepEqual([get.status, get.headers.get("allow")], [405, "POST, OPTIONS"]);
});

Deno.test("a call without a key claims no agents", async () => {
  let claimed = 0;
  const probes = createProbes([], {
    database: {
      claimProbes: () => {
        claimed++;
        return Promise.resolve([]);
      },
    },
  });
  await probes.probe({ headers: { apikey: "sb_secret_wrong" } });
  equal(claimed, 0);
});

Deno.test("a round has the same id in the answer and in the log", async () => {
  const probes = createProbes([]);
  const run_id = crypto.randomUUID();
  const body = JSON.stringify({ run_id, scheduled_at: "2026-01-01T00:00:00+00:00" });
  equal((await (await probes.probe({ body, headers: JSON_TYPE })).json()).run_id, run_id);
  equal(probes.lines.at(-1)?.run_id, run_id);
  for (const wrong of ["{", "[]", '{"run_id": "hush"}', `{"a": "${"x".repeat(10_000)}"}`]) {
    match(
      String((await probes.probe({ body: wrong, headers: JSON_TYPE })).status),
      /^4(00|13)$/,
      wrong.slice(0, 20),
    );
  }
});

Deno.test("a reply that is inconclusive about an agent is logged for the operator", async () => {
  await using provider = startProvider(status(404));
  const probes = createProbes([claim(provider.baseUrl)]);
  equal((await (await probes.probe()).json()).without_finding, 1);
  deepEqual(probes.recorded, []);
  const line = probes.lines.find(({ event }) => event === "probe_without_finding");
  deepEqual([line?.vendor_id, line?.reply], ["acme", "status 404"]);
});

Deno.test("the results of the agents are in Redis for five minutes", async () => {
  await using server = await startTestRedis();
  await using provider = startProvider(status(500));
  const redis = createRedis(server.variables, { log: () => {} });
  const probes = createProbes([claim(provider.baseUrl)], { redis });
  await probes.find();
  const cached = await probes.deps.healthCache.health.read("20000000-0000-4000-8000-000000000001");
  equal(cached?.status, "unhealthy");
  const lifetime = await redis?.attempt((client) =>
    client.pttl("agentbase:v1:agent:health:20000000-0000-4000-8000-000000000001")
  );
  ok((lifetime?.value ?? 0) > 290_000 && (lifetime?.value ?? 0) <= 300_000);
});

Deno.test("a database that fails ends the round with its error", async () => {
  const failing = createProbes([], {
    database: { claimProbes: () => Promise.reject(new Error("marker5151")) },
  });
  const response = await failing.probe();
  deepEqual([response.status, (await response.json()).error.code], [500, "internal_error"]);
});
