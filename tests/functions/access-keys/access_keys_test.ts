import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
import type { StoredSecret } from "../../../functions/access-keys/db.ts";
import { handleAccessKeys } from "../../../functions/access-keys/handler.ts";
import { USER_ID } from "../support/chat_fixture.ts";

const ID = "a0000000-0000-4000-8000-000000000001";
const ROW = {
  id: ID,
  organization_id: "00000000-0000-4000-8000-0000000000ac",
  name: "CI",
  prefix: "agb_abcd",
  last_four: "wxyz",
  scopes: ["chat"],
  agent_ids: null,
  requests_per_minute: null,
  expires_at: null,
  rotated_at: null,
  created_at: "2026-01-01T00:00:00Z",
};

/** The function, with a database that stores what it is given. */
function subject(failure?: Error) {
  const given: { call: string; asked: Record<string, unknown>; secret: StoredSecret }[] = [];
  const lines: LogFields[] = [];
  const keep = (call: string, asked: object, secret: StoredSecret) => {
    given.push({ call, asked: { ...asked }, secret });
    return failure ? Promise.reject(failure) : Promise.resolve(ROW);
  };
  const deps = {
    now: () => Date.UTC(2026, 0, 1),
    log: (_level: string, fields: LogFields) => void lines.push(fields),
    authenticate: () => Promise.resolve({ userId: USER_ID, claims: {} }),
    database: {
      create: (userId: string, key: object, secret: StoredSecret) =>
        keep("create", { userId, ...key }, secret),
      rotate: (userId: string, id: string, how: object, secret: StoredSecret) =>
        keep("rotate", { userId, id, ...how }, secret),
    },
  };
  const post = (path: string, body?: unknown, method = "POST") =>
    handleAccessKeys(
      new Request(`http://127.0.0.1${path}`, {
        method,
        body: body === undefined || typeof body === "string"
          ? body as string
          : JSON.stringify(body),
      }),
      deps,
    );
  return { given, lines, post };
}

const ROTATE = `/access-keys/${ID}/rotate`;

Deno.test("a new key's secret is in the response, and nowhere else", async () => {
  for (
    const [path, body, status] of [["/access-keys", { name: "CI" }, 201], [
      ROTATE,
      {},
      200,
    ]] as const
  ) {
    const { given, lines, post } = subject();
    const response = await post(path, body);
    equal(response.status, status);
    equal(response.headers.get("cache-control"), "no-store");
    const { secret, ...key } = await response.json();
    match(secret, /^agb_[A-Za-z0-9_-]{43}$/);
    deepEqual(key, { object: "access_key", ...ROW });
    deepEqual(given[0]!.secret, {
      token_hash: createHash("sha256").update(secret).digest("hex"),
      prefix: secret.slice(0, 8),
      last_four: secret.slice(-4),
    });
    const middle = secret.slice(8, -4);
    ok(!JSON.stringify([given, lines, [...response.headers]]).includes(middle));
    deepEqual([lines[0]?.user_id, lines[0]?.access_key_id], [USER_ID, ID]);
  }
});

Deno.test("requests are passed to the database with the validated fields only", async () => {
  const { given, post } = subject();
  const wanted = {
    name: "Nightly",
    organization_id: ROW.organization_id,
    scopes: ["chat", "models"],
    agent_ids: [ID],
    requests_per_minute: 5,
    // Postgres accepts no offset of 16 hours or more.
    expires_at: "2027-01-01T00:00:00+16:00",
    budget: { limit_usd: 12.5, period: "month" },
  };
  equal((await post("/access-keys", wanted)).status, 201);
  deepEqual(given[0]?.asked, {
    userId: USER_ID,
    ...wanted,
    expires_at: "2026-12-31T08:00:00.000Z",
    budget: { limit_usd: "12.5", period: "month" },
  });
  equal((await post(ROTATE, { grace_seconds: 60 })).status, 200);
  deepEqual(given[1]?.asked, { userId: USER_ID, id: ID, grace_seconds: 60 });
  equal((await post(ROTATE)).status, 200);
  equal(given[2]?.asked.grace_seconds, 24 * 60 * 60, "a day, where nothing is said");
});

const wrong: [what: string, path: string, body: unknown, param: string, code: string][] = [
  ["no name", "/access-keys", {}, "name", "missing_required_parameter"],
  ["an empty name", "/access-keys", { name: "" }, "name", "invalid_value"],
  ["a long name", "/access-keys", { name: "x".repeat(256) }, "name", "invalid_value"],
  ["no scope", "/access-keys", { name: "x", scopes: [] }, "scopes", "invalid_value"],
  [
    "an unknown scope",
    "/access-keys",
    { name: "x", scopes: ["admin"] },
    "scopes[0]",
    "invalid_value",
  ],
  ["no agent", "/access-keys", { name: "x", agent_ids: [] }, "agent_ids", "invalid_value"],
  [
    "an agent by name",
    "/access-keys",
    { name: "x", agent_ids: ["droid"] },
    "agent_ids[0]",
    "invalid_value",
  ],
  [
    "no calls",
    "/access-keys",
    { name: "x", requests_per_minute: 0 },
    "requests_per_minute",
    "invalid_value",
  ],
  [
    "a time that has ended",
    "/access-keys",
    { name: "x", expires_at: "2025-12-31T23:59:59Z" },
    "expires_at",
    "invalid_value",
  ],
  [
    "a time without a zone",
    "/access-keys",
    { name: "x", expires_at: "2027-01-01T00:00:00" },
    "expires_at",
    "invalid_value",
  ],
  [
    "a free budget",
    "/access-keys",
    { name: "x", budget: { limit_usd: 0, period: "day" } },
    "budget.limit_usd",
    "invalid_value",
  ],
  [
    "a free budget as text",
    "/access-keys",
    { name: "x", budget: { limit_usd: "0.0", period: "day" } },
    "budget.limit_usd",
    "invalid_value",
  ],
  [
    "a budget below the smallest cost",
    "/access-keys",
    { name: "x", budget: { limit_usd: 4e-11, period: "day" } },
    "budget.limit_usd",
    "invalid_value",
  ],
  [
    "a budget by the week",
    "/access-keys",
    { name: "x", budget: { limit_usd: 1, period: "week" } },
    "budget.period",
    "invalid_value",
  ],
  [
    "a chosen hash",
    "/access-keys",
    { name: "x", token_hash: "0".repeat(64) },
    "token_hash",
    "unknown_parameter",
  ],
  ["another user", "/access-keys", { name: "x", user_id: ID }, "user_id", "unknown_parameter"],
  [
    "more in a budget",
    "/access-keys",
    { name: "x", budget: { limit_usd: 1, period: "day", spent_usd: 0 } },
    "budget.spent_usd",
    "unknown_parameter",
  ],
  ["grace forever", ROTATE, { grace_seconds: 1e9 }, "grace_seconds", "invalid_value"],
  ["grace in the past", ROTATE, { grace_seconds: -1 }, "grace_seconds", "invalid_value"],
  ["a chosen secret", ROTATE, { secret: "agb_x" }, "secret", "unknown_parameter"],
];
for (const [what, path, body, param, code] of wrong) {
  Deno.test(`${path.replace(ID, "{id}")} refuses ${what}`, async () => {
    const { given, post } = subject();
    const response = await post(path, body);
    equal(response.status, 400);
    const { error } = await response.json();
    deepEqual([error.param, error.code], [param, code]);
    match(error.message, /^Cannot use "/);
    deepEqual(given, []);
  });
}

Deno.test("unknown paths and methods are answered with those that exist", async () => {
  const { given, post } = subject();
  for (
    const path of [
      `/access-keys/${ID}`,
      `${ROTATE}/x`,
      "/access",
    ]
  ) {
    const response = await post(path, {});
    equal(response.status, 404, path);
    equal((await response.json()).error.code, "unknown_path");
  }
  const rotated = await post("/access-keys/x/rotate", {});
  equal(rotated.status, 404);
  equal((await rotated.json()).error.code, "access_key_not_found");
  for (const method of ["GET", "DELETE", "PUT"]) {
    equal((await post("/access-keys", undefined, method)).status, 405);
  }
  deepEqual(given, []);
});

Deno.test("an error of the database is passed on, without the secret", async () => {
  const failures = [
    new ApiError("agent_not_found", "Agent not found."),
    new Error("broken"),
  ];
  for (const failure of failures) {
    const { given, lines, post } = subject(failure);
    const response = await post("/access-keys", { name: "CI" });
    equal(response.status, failure instanceof ApiError ? 404 : 500);
    const text = await response.text();
    ok(!/agb_/.test(text + JSON.stringify(lines)));
    equal(given.length, 1);
  }
});

Deno.test("access keys answer any JSON with a 2xx or 4xx", async () => {
  const { post } = subject();
  await fc.assert(
    fc.asyncProperty(fc.json(), fc.constantFrom("/access-keys", ROTATE), async (body, path) => {
      const { status } = await post(path, body);
      ok(status < 300 || (status >= 400 && status < 500), `${status} for ${body}`);
    }),
    { numRuns: 200 },
  );
});
