import { equal, match, ok, rejects } from "node:assert/strict";
import { createAuthenticate, VERIFIED_LASTS_MS } from "../../../functions/_shared/auth/person.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { takeClock } from "../support/redis_clock.ts";
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

const SECRET = "a shared secret of sufficient length";
const key = await makeKey("current");
const stranger = await makeKey("stranger");

const bearing = (token: string) =>
  new Request("http://127.0.0.1/", { headers: { authorization: `Bearer ${token}` } });

function authenticator(
  jwksUrl: string,
  options: { secret?: string; cooldownMs?: number; now?: () => number } = {},
) {
  const { secret, cooldownMs = 0, now } = options;
  return createAuthenticate({
    authIssuer: ISSUER,
    jwksUrl,
    jwtSecret: secret,
    cooldownMs,
    fetch,
    now,
  });
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

Deno.test("an ES256 token of the issuer is accepted", async () => {
  await using keys = startKeyServer(key);
  const caller = await authenticator(keys.url)(bearing(await signWith(key)));
  equal(caller.userId, SUBJECT);
  equal(caller.claims.role, "authenticated");
});

for (const alg of ["RS256", "EdDSA"]) {
  Deno.test(`an ${alg} token of the issuer is accepted, one signed by another key is not`, async () => {
    const signer = await makeKey(alg, alg);
    await using keys = startKeyServer(key, signer);
    const authenticate = authenticator(keys.url);
    equal((await authenticate(bearing(await signWith(signer)))).userId, SUBJECT);
    const forged = { ...await makeKey(alg, alg), kid: signer.kid };
    await rejects(
      authenticate(bearing(await signWith(forged))),
      refusal("invalid_token", /signature/),
    );
    // A key is valid only for its own algorithm.
    const misused = { ...forged, kid: key.kid };
    await rejects(authenticate(bearing(await signWith(misused))), refusal("invalid_token"));
  });
}

Deno.test("a key that is published for encryption verifies no token", async () => {
  const signer = await makeKey("enc", "RS256");
  const published = { ...signer, publicJwk: { ...signer.publicJwk, use: "enc" } };
  await using keys = startKeyServer(key, published);
  await rejects(
    authenticator(keys.url)(bearing(await signWith(signer))),
    refusal("invalid_token", /signature/),
  );
});

Deno.test("an HS256 token is accepted where the secret is configured", async () => {
  await using keys = startKeyServer();
  const authenticate = authenticator(keys.url, { secret: SECRET });
  equal((await authenticate(bearing(await signHS256(SECRET)))).userId, SUBJECT);
  equal(keys.requests, 0, "a shared secret needs no published keys");
});

Deno.test("an invalid token is refused with the reason", async (test) => {
  await using keys = startKeyServer(key);
  const authenticate = authenticator(keys.url, { secret: SECRET });
  for (const bad of await badTokens({ issuer: ISSUER, key, stranger, secret: SECRET })) {
    const request = new Request("http://127.0.0.1/", {
      headers: bad.authorization === null ? {} : { authorization: bad.authorization },
    });
    await test.step(bad.what, () => rejects(authenticate(request), refusal(bad.code, bad.says)));
  }
});

Deno.test("a token is valid until the second in which it expires", async () => {
  await using keys = startKeyServer(key);
  const expires = 1_800_000_000;
  let now = (expires - 1) * 1000;
  const authenticate = authenticator(keys.url, { secret: SECRET, now: () => now });
  const lifetime = claims({ iat: expires - 3600, exp: expires });
  const tokens = [await signWith(key, lifetime), await signHS256(SECRET, lifetime)].map(bearing);
  for (const token of tokens) equal((await authenticate(token)).userId, SUBJECT);
  now = expires * 1000;
  for (const token of tokens) await rejects(authenticate(token), refusal("token_expired"));
});

Deno.test("a token is verified once a minute, and a forged one each time", async () => {
  await using keys = startKeyServer(key);
  const verify = crypto.subtle.verify;
  let verified = 0;
  using _restored = { [Symbol.dispose]: () => void (crypto.subtle.verify = verify) };
  crypto.subtle.verify = (...given: Parameters<typeof verify>) => {
    verified++;
    return verify.apply(crypto.subtle, given);
  };
  let now = Date.now();
  const authenticate = authenticator(keys.url, { secret: SECRET, now: () => now });
  for (const token of [await signWith(key), await signHS256(SECRET)]) {
    verified = 0;
    for (let time = 0; time < 3; time++) {
      equal((await authenticate(bearing(token))).userId, SUBJECT);
    }
    equal(verified, 1);
    const [head, payload, signature = ""] = token.split(".");
    const first = signature.startsWith("A") ? "B" : "A";
    const forged = bearing([head, payload, first + signature.slice(1)].join("."));
    for (let time = 0; time < 2; time++) {
      await rejects(authenticate(forged), refusal("invalid_token", /signature/));
    }
    equal(verified, 3);
    now += VERIFIED_LASTS_MS;
    await authenticate(bearing(token));
    equal(verified, 4);
  }
});

Deno.test("HS256 is refused where no secret is configured", async () => {
  await using keys = startKeyServer(key);
  const token = bearing(await signHS256(SECRET));
  await rejects(authenticator(keys.url)(token), refusal("invalid_token", /algorithm/));
});

Deno.test("a refusal never repeats the token", async () => {
  await using keys = startKeyServer(key);
  const token = await signWith(stranger);
  await rejects(authenticator(keys.url)(bearing(token)), (error: unknown) => {
    const { message, cause } = error as ApiError;
    ok(!message.includes(token) && cause === undefined);
    return true;
  });
});

Deno.test("a rotated key is fetched when it is first used, and the previous one stays valid", async () => {
  await using keys = startKeyServer(key);
  const authenticate = authenticator(keys.url);
  await authenticate(bearing(await signWith(key)));
  const next = await makeKey("next");
  keys.publish(key, next);
  equal((await authenticate(bearing(await signWith(next)))).userId, SUBJECT);
  equal((await authenticate(bearing(await signWith(key)))).userId, SUBJECT);
  equal(keys.requests, 2);

  keys.publish(next);
  await rejects(authenticate(bearing(await signWith(stranger))), { status: 401 });
  await rejects(authenticate(bearing(await signWith(key))), { status: 401 });
});

Deno.test("unknown key ids do not cause a fetch of the keys each time", async () => {
  await using keys = startKeyServer(key);
  const authenticate = authenticator(keys.url, { cooldownMs: 60_000 });
  await authenticate(bearing(await signWith(key)));
  const unknown = bearing(await signWith(stranger));
  for (let i = 0; i < 5; i++) await rejects(authenticate(unknown), { status: 401 });
  equal(keys.requests, 1);
});

Deno.test("keys that were fetched still verify when their server is down", async () => {
  await using keys = startKeyServer(key);
  const authenticate = authenticator(keys.url, { cooldownMs: 60_000 });
  await authenticate(bearing(await signWith(key)));
  keys.fail(500);
  equal((await authenticate(bearing(await signWith(key)))).userId, SUBJECT);
});

Deno.test("keys stay valid for an hour while their server is down, and it is asked at intervals", async () => {
  await using keys = startKeyServer(key);
  using clock = takeClock(Date.now());
  const authenticate = authenticator(keys.url, { cooldownMs: 30_000 });
  const token = bearing(
    await signWith(key, claims({ exp: Math.floor(Date.now() / 1000) + 7200 })),
  );
  await authenticate(token);
  keys.fail(500);
  clock.set(Date.now() + 11 * 60_000);
  for (let i = 0; i < 5; i++) equal((await authenticate(token)).userId, SUBJECT);
  equal(keys.requests, 2, "once it has failed it is skipped for a while");
  clock.set(Date.now() + VERIFIED_LASTS_MS);
  equal((await authenticate(token)).userId, SUBJECT);
  equal(keys.requests, 3);
  // The key may have been published in the meantime, so the token is not refused as invalid.
  await rejects(authenticate(bearing(await signWith(stranger))), { status: 503 });

  clock.set(Date.now() + 49 * 60_000);
  await rejects(authenticate(token), { status: 503, code: "auth_unavailable" });
  keys.fail(200);
  equal((await authenticate(token)).userId, SUBJECT);
  await rejects(authenticate(bearing(await signWith(stranger))), { status: 401 });
});

Deno.test("a rotation of keys under load refuses no valid token", async () => {
  const [old, next] = [key, await makeKey("next")];
  await using keys = startKeyServer(old);
  using clock = takeClock(Date.now());
  // Isolates that fetched the keys at different times.
  const isolates = Array.from({ length: 3 }, () => authenticator(keys.url, { cooldownMs: 30_000 }));
  const minute = 60_000;
  const beginning = Date.now();
  /**
   * Signs like the issuer at this minute. The new key is published 20 minutes before it is used,
   * and the old one for 20 minutes after.
   */
  const current = (at: number) => at < 25 ? old : next;
  let accepted = 0;
  for (let at = 0; at <= 60; at++) {
    clock.set(beginning + at * minute);
    if (at === 5) keys.publish(old, next);
    if (at === 46) keys.publish(next);
    const lifetime = { exp: Math.floor(Date.now() / 1000) + 3600 };
    const tokens = await Promise.all([
      signWith(current(at), claims(lifetime)),
      // Signed when the old key was still in use, up to 20 minutes ago.
      signWith(current(Math.max(0, at - 20)), claims(lifetime)),
    ]);
    await Promise.all(
      isolates.filter((_, index) => at >= index * 4).flatMap((authenticate) =>
        tokens.flatMap((token) =>
          Array.from({ length: 5 }, async () => {
            equal((await authenticate(bearing(token))).userId, SUBJECT);
            accepted++;
          })
        )
      ),
    );
  }
  ok(accepted > 1_500, `${accepted} requests`);
  ok(keys.requests <= 3 * 7, `${keys.requests} fetches of the keys`);

  // Twenty minutes after it was withdrawn, the old key is no longer accepted.
  clock.set(beginning + 66 * minute);
  const late = bearing(await signWith(old, claims({ exp: Math.floor(Date.now() / 1000) + 3600 })));
  for (const authenticate of isolates) await rejects(authenticate(late), { status: 401 });
});

Deno.test("an access key does not authenticate a user", async () => {
  await using keys = startKeyServer(key);
  const secret = `agb_${"A".repeat(43)}`;
  await rejects(authenticator(keys.url)(bearing(secret)), (error: unknown) => {
    ok(error instanceof ApiError);
    equal(error.status, 403);
    equal(error.code, "access_key_not_accepted");
    ok(!error.message.includes(secret));
    return true;
  });
});

Deno.test("without any keys every token is refused with a 503", async () => {
  await using keys = startKeyServer(key);
  keys.fail(500);
  const authenticate = authenticator(keys.url);
  const token = bearing(await signWith(key));
  await rejects(authenticate(token), { status: 503, code: "auth_unavailable" });
  keys.fail(200);
  equal((await authenticate(token)).userId, SUBJECT);

  const nowhere = authenticator("http://127.0.0.1:1/jwks.json");
  await rejects(nowhere(token), { status: 503, code: "auth_unavailable" });
});
