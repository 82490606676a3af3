import { deepEqual, equal, ok } from "node:assert/strict";
import { memoryOAuthDatabase } from "../support/memory_oauth_database.ts";
import { oauthIsolate, testKeyring, USER_ID } from "../support/oauth_fixture.ts";
import { answerOf, type Issued, refusalOf, type Shape, SHAPES } from "./provider_shapes.ts";

/** The codes in `private.oauth_refusals()` and in Atlassian's row. */
const REFUSALS = [
  ...["invalid_grant", "bad_refresh_token", "invalid_refresh_token", "token_revoked"],
  ...["consent_required", "403:unauthorized_client"],
];
const HOUR_MS = 3_600_000;

/** A provider with the given answers, and the function that stores a person's tokens for it. */
function start(shape: Shape) {
  let count = 0;
  const issue = (scope = "read write"): Issued => {
    count++;
    return { access_token: `at${count}`, refresh_token: `rt${count}`, scope };
  };
  const provider = {
    current: "",
    used: [] as string[],
    /** An answer in place of an exchange. */
    fault: null as (() => Response) | null,
    change: (answer: object): object => answer,
    scope: "read write",
  };
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const token = new URLSearchParams(await request.text()).get("refresh_token") ?? "";
      provider.used.push(token);
      if (provider.fault) return provider.fault();
      if (token !== provider.current) return refusalOf(shape);
      const issued = issue(provider.scope);
      if (shape.rotates) provider.current = issued.refresh_token;
      return Response.json(provider.change(answerOf(shape, issued)));
    },
  );
  const database = memoryOAuthDatabase({
    token_endpoint: `http://127.0.0.1:${server.addr.port}/token`,
    client_authentication: shape.authentication ?? "post",
    refusals: REFUSALS,
    account_fields: [],
    default_lifetime: shape.defaultLifetime ?? null,
  });
  const { ask } = oauthIsolate({ database, keyring: testKeyring() });
  const post = async (path: string, body: object) => {
    const response = await ask("POST", path, body);
    return { status: response.status, ...await response.json() };
  };
  /** Stores a sign-in with a refresh token, even if exchanges do not return one. */
  const signIn = async () => {
    const issued = issue();
    provider.current = issued.refresh_token;
    const answer = answerOf(shape, issued);
    const first = shape.rotates ? {} : { refresh_token: issued.refresh_token };
    return await post("/oauth-tokens", { provider: "google", ...answer, ...first });
  };
  const fetch = async () => (await ask("GET", "/oauth-tokens/google")).json();
  /** Fetches a token that is due; if tokens never expire, reports the token as rejected. */
  const renew = async () => {
    const { access_token: rejected } = await fetch();
    const connection = database.connection(USER_ID);
    if (connection.expiresAt === null) {
      return await post("/oauth-tokens/google/refresh", { rejected });
    }
    Object.assign(connection, { issuedAt: Date.now() - HOUR_MS, expiresAt: Date.now() + 1_000 });
    return await fetch();
  };
  const outcome = (token: { error?: { code: string } }) => token.error?.code ?? "a new token";
  return { provider, server, database, post, signIn, fetch, renew, outcome };
}

type Setting = ReturnType<typeof start>;

/** The lifetime of the stored access token, in words. */
function lifetime({ database }: Setting): string {
  const { issuedAt, expiresAt } = database.connection(USER_ID);
  if (expiresAt === null) return "no end";
  const seconds = Math.round((expiresAt - issuedAt) / 1000);
  return seconds === 315_360_000 ? "10 years" : `${seconds / 3600} h`;
}

/** The events, each of which returns a word of the table. */
const EVENTS: Readonly<Record<string, (setting: Setting) => Promise<string>>> = {
  "sign-in": async (setting) => {
    const stored = await setting.signIn();
    ok(stored.refreshable, JSON.stringify(stored));
    return lifetime(setting);
  },
  "second sign-in": async ({ signIn, post, renew, outcome }) => {
    await signIn();
    const again = { provider: "google", access_token: "again", expires_in: 3600 };
    const stored = await post("/oauth-tokens", again);
    return stored.refreshable ? outcome(await renew()) : "no refresh token";
  },
  "refresh": async (setting) => {
    await setting.signIn();
    const token = await setting.renew();
    equal(token.access_token, "at2", JSON.stringify(token));
    return lifetime(setting);
  },
  "rotation": async ({ provider, signIn, renew }) => {
    await signIn();
    for (let round = 0; round < 3; round++) await renew();
    equal(provider.used.length, 3);
    return new Set(provider.used).size === 3 ? "each is used once" : "the same is used";
  },
  "narrowed scope": async ({ provider, signIn, renew }) => {
    await signIn();
    provider.scope = "read";
    return (await renew()).scope ?? "not told";
  },
  "rejected early": async ({ provider, signIn, fetch, post, outcome }) => {
    await signIn();
    const { access_token: rejected } = await fetch();
    const refresh = () => post("/oauth-tokens/google/refresh", { rejected });
    const tokens = await Promise.all([refresh(), refresh(), refresh()]);
    deepEqual(new Set(tokens.map(({ access_token }) => access_token)), new Set(["at2"]));
    equal(provider.used.length, 1);
    return outcome(tokens[0]!);
  },
  "dead": async ({ provider, signIn, renew, outcome }) => {
    await signIn();
    provider.current = "another";
    return outcome(await renew());
  },
  "outage": async ({ provider, database, signIn, fetch, renew, outcome }) => {
    await signIn();
    provider.fault = () => new Response("<html>", { status: 503 });
    const during = await renew();
    // A still valid access token is returned; otherwise the error says that there is none.
    ok(during.access_token === "at1" || during.error.code === "oauth_provider_unavailable");
    provider.fault = null;
    const connection = database.connection(USER_ID);
    equal(connection.status, "connected");
    Object.assign(connection, { leaseUntil: 0, expiresAt: Date.now() + 1_000 });
    return outcome(await fetch());
  },
  "absurd lifetime": async (setting) => {
    await setting.signIn();
    const absurd = 9223372036854775;
    setting.provider.change = (answer) =>
      JSON.parse(
        JSON.stringify(
          { expires_in: absurd, ...answer },
          (name, value) => name === "expires_in" ? absurd : value,
        ),
      );
    await setting.renew();
    return lifetime(setting);
  },
  "clock skew": async (setting) => {
    await setting.signIn();
    // A provider whose clock is a day behind, and that states both the time of expiry and the
    // lifetime.
    const past = new Date(Date.now() - 24 * HOUR_MS);
    setting.provider.change = (answer) => ({
      ...{ expires_at: past.toISOString(), expires_on: past.getTime() / 1000 },
      ...answer,
    });
    const { access_token } = await setting.renew();
    const { database, provider, fetch } = setting;
    ok((database.connection(USER_ID).expiresAt ?? Infinity) > Date.now());
    equal((await fetch()).access_token, access_token);
    equal(provider.used.length, 1);
    return lifetime(setting);
  },
};

/** The rows and the header of the table in the documentation. */
async function readTable(): Promise<{ head: string[]; rows: Map<string, string[]> }> {
  const page = await Deno.readTextFile(
    new URL("../../../docs/oauth-providers.md", import.meta.url),
  );
  const lines = page.split("\n").filter((line) => line.startsWith("| "));
  const cells = lines.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const start = cells.findIndex(([first]) => first === "provider");
  const [head = [], , ...rest] = cells.slice(start);
  return { head, rows: new Map(rest.map(([name = "", ...row]) => [name, row])) };
}

const { head, rows } = await readTable();

Deno.test("the table of providers has a row for each shape and a column for each event", () => {
  deepEqual(head, ["provider", ...Object.keys(EVENTS)]);
  deepEqual([...rows.keys()], Object.keys(SHAPES));
});

for (const [name, shape] of Object.entries(SHAPES)) {
  Deno.test(`events of a provider like ${name} end as the table says`, async () => {
    const seen: string[] = [];
    for (const event of Object.values(EVENTS)) {
      const setting = start(shape);
      try {
        seen.push(await event(setting));
      } finally {
        await setting.server.shutdown();
      }
    }
    deepEqual(seen, rows.get(name));
  });
}
