import { equal, match, ok, rejects } from "node:assert/strict";
import { createAuthenticate } from "../../functions/_shared/auth.ts";
import { ApiError } from "../../functions/_shared/errors.ts";
import {
  claims,
  ISSUER,
  makeKey,
  signES256,
  signHS256,
  startKeyServer,
  SUBJECT,
} from "./support/tokens.ts";

const SECRET = "a shared secret of sufficient length";
const key = await makeKey("current");
const stranger = await makeKey("stranger");

const bearing = (token: string) =>
  new Request("http://127.0.0.1/", { headers: { authorization: `Bearer ${token}` } });

function authenticator(jwksUrl: string, options: { secret?: string; cooldownMs?: number } = {}) {
  const { secret, cooldownMs = 0 } = options;
  return createAuthenticate({ authIssuer: ISSUER, jwksUrl, jwtSecret: secret, cooldownMs, fetch });
}

function refusal(code: string, message = /./) {
  return (error: unknown) => {
    ok(error instanceof ApiError, String(error));
    equal(error.status, 401);
    equal(error.code, code);
    match(error.message, message);
    match(error.message, /Send "Authorization: Bearer <access token>"/);
    equal(error.headers["www-authenticate"], "Bearer");
    return true;
  };
}

function unsigned(payload: object, header: object): string {
  const part = (value: object) =>
    btoa(JSON.stringify(value)).replaceAll("=", "")
      .replaceAll("+", "-").replaceAll("/", "_");
  return `${part(header)}.${part(payload)}.`;
}

Deno.test("an ES256 token of the issuer is accepted", async () => {
  await using keys = startKeyServer(key);
  const caller = await authenticator(keys.url)(bearing(await signES256(key)));
  equal(caller.userId, SUBJECT);
  equal(caller.claims.role, "authenticated");
});

Deno.test("an HS256 token is accepted where the secret is configured", async () => {
  await using keys = startKeyServer();
  const authenticate = authenticator(keys.url, { secret: SECRET });
  equal((await authenticate(bearing(await signHS256(SECRET)))).userId, SUBJECT);
  equal(keys.requests, 0, "a shared secret needs no published keys");
});

Deno.test("what is not a valid token of a user is refused, and says why", async (test) => {
  await using keys = startKeyServer(key);
  const publicPem = JSON.stringify(key.publicJwk);
  const now = Math.floor(Date.now() / 1000);
  const forged = { ...stranger, kid: key.kid };
  const good = await signES256(key);
  const [head, , signature] = good.split(".");
  const otherPayload = (await signES256(key, claims({ sub: crypto.randomUUID() }))).split(".")[1];

  const catalogue: Record<string, [request: Request, code: string, message?: RegExp]> = {
    "no header": [new Request("http://127.0.0.1/"), "missing_token", /no "Authorization"/],
    "another scheme": [
      new Request("http://127.0.0.1/", { headers: { authorization: `Basic ${good}` } }),
      "invalid_token",
    ],
    "two tokens": [bearing(`${good}, Bearer ${good}`), "invalid_token"],
    "garbage": [bearing("garbage"), "invalid_token", /not a JSON Web Token/],
    "dots": [bearing("a.b.c"), "invalid_token"],
    "alg none": [bearing(unsigned(claims(), { alg: "none" })), "invalid_token", /algorithm/],
    "alg None": [bearing(unsigned(claims(), { alg: "None" })), "invalid_token", /algorithm/],
    "no alg": [bearing(unsigned(claims(), {})), "invalid_token"],
    "HS256 by the public key": [
      bearing(await signHS256(publicPem, claims(), key.kid)),
      "invalid_token",
      /signature/,
    ],
    "HS256 by another secret": [
      bearing(await signHS256("another secret of sufficient length!")),
      "invalid_token",
      /signature/,
    ],
    "the right key id, another key": [
      bearing(await signES256(forged)),
      "invalid_token",
      /signature/,
    ],
    "an unknown key id": [bearing(await signES256(stranger)), "invalid_token", /signature/],
    "an exchanged payload": [bearing(`${head}.${otherPayload}.${signature}`), "invalid_token"],
    "expired": [
      bearing(await signES256(key, claims({ exp: now - 1 }))),
      "token_expired",
      /Refresh the sign-in/,
    ],
    "never expiring": [bearing(await signES256(key, claims({ exp: undefined }))), "invalid_token"],
    "not yet valid": [
      bearing(await signES256(key, claims({ nbf: now + 60 }))),
      "invalid_token",
      /nbf/,
    ],
    "another issuer": [
      bearing(await signES256(key, claims({ iss: "https://other.supabase.co/auth/v1" }))),
      "invalid_token",
      /iss/,
    ],
    "no issuer": [
      bearing(await signES256(key, claims({ iss: undefined }))),
      "invalid_token",
      /iss/,
    ],
    "HS256 of another issuer": [
      bearing(await signHS256(SECRET, claims({ iss: "https://other.supabase.co/auth/v1" }))),
      "invalid_token",
      /iss/,
    ],
    "HS256 of no issuer": [
      bearing(await signHS256(SECRET, claims({ iss: undefined }))),
      "invalid_token",
      /iss/,
    ],
    "another audience": [
      bearing(await signES256(key, claims({ aud: "other" }))),
      "invalid_token",
      /aud/,
    ],
    "no subject": [
      bearing(await signES256(key, claims({ sub: undefined }))),
      "invalid_token",
      /sub/,
    ],
    "a subject that is no user": [
      bearing(await signES256(key, claims({ sub: "me" }))),
      "invalid_token",
    ],
    "publishable key": [bearing("sb_publishable_x"), "api_key_not_accepted", /API key/],
    "secret key": [bearing("sb_secret_x"), "api_key_not_accepted", /API key/],
    "legacy anon key": [
      bearing(await signHS256(SECRET, { iss: "supabase", role: "anon", exp: now + 60 })),
      "api_key_not_accepted",
      /API key/,
    ],
  };
  const authenticate = authenticator(keys.url, { secret: SECRET });
  for (const [what, [request, code, message]] of Object.entries(catalogue)) {
    await test.step(what, () => rejects(authenticate(request), refusal(code, message)));
  }
});

Deno.test("HS256 is refused where no secret is configured", async () => {
  await using keys = startKeyServer(key);
  const token = bearing(await signHS256(SECRET));
  await rejects(authenticator(keys.url)(token), refusal("invalid_token", /algorithm/));
});

Deno.test("a refusal never repeats the token", async () => {
  await using keys = startKeyServer(key);
  const token = await signES256(stranger);
  await rejects(authenticator(keys.url)(bearing(token)), (error: unknown) => {
    const { message, cause } = error as ApiError;
    ok(!message.includes(token) && cause === undefined);
    return true;
  });
});

Deno.test("a rotated key is fetched when it is first seen, the one before goes on", async () => {
  await using keys = startKeyServer(key);
  const authenticate = authenticator(keys.url);
  await authenticate(bearing(await signES256(key)));
  const next = await makeKey("next");
  keys.publish(key, next);
  equal((await authenticate(bearing(await signES256(next)))).userId, SUBJECT);
  equal((await authenticate(bearing(await signES256(key)))).userId, SUBJECT);
  equal(keys.requests, 2);

  keys.publish(next);
  await rejects(authenticate(bearing(await signES256(stranger))), { status: 401 });
  await rejects(authenticate(bearing(await signES256(key))), { status: 401 });
});

Deno.test("unknown key ids do not make us fetch the keys each time", async () => {
  await using keys = startKeyServer(key);
  const authenticate = authenticator(keys.url, { cooldownMs: 60_000 });
  await authenticate(bearing(await signES256(key)));
  const unknown = bearing(await signES256(stranger));
  for (let i = 0; i < 5; i++) await rejects(authenticate(unknown), { status: 401 });
  equal(keys.requests, 1);
});

Deno.test("keys that were fetched still verify when their server is down", async () => {
  await using keys = startKeyServer(key);
  const authenticate = authenticator(keys.url, { cooldownMs: 60_000 });
  await authenticate(bearing(await signES256(key)));
  keys.fail(500);
  equal((await authenticate(bearing(await signES256(key)))).userId, SUBJECT);
});

Deno.test("without any keys nobody is let in, and the caller is told to try again", async () => {
  await using keys = startKeyServer(key);
  keys.fail(500);
  const authenticate = authenticator(keys.url);
  const token = bearing(await signES256(key));
  await rejects(authenticate(token), { status: 503, code: "auth_unavailable" });
  keys.fail(200);
  equal((await authenticate(token)).userId, SUBJECT);

  const nowhere = authenticator("http://127.0.0.1:1/jwks.json");
  await rejects(nowhere(token), { status: 503, code: "auth_unavailable" });
});
