import { deepEqual, equal, rejects } from "node:assert/strict";
import { SignJWT } from "jose";
import {
  claims,
  makeKey,
  signHS256,
  type SigningKey,
  signWith,
  startKeyServer,
  SUBJECT,
} from "../../../tests/functions/support/tokens.ts";
import { createCallers, TokenRefused } from "./callers.ts";

const keys = {
  publishableKey: "sb_publishable_test",
  secretKey: "sb_secret_test",
  jwtSecret: "a shared secret of sufficient length",
};

// Two, because those of RSA take seconds to make.
const rsa = await makeKey("RS256", "RS256");
const otherRsa = await makeKey("RS256", "RS256");

const refused = (message: string) => (error: unknown) =>
  error instanceof TokenRefused && error.message === message;
const badSignature = refused("Failed to validate JWT signature");

Deno.test("tokens of published keys are accepted in every algorithm, and tokens of other keys are not", async () => {
  const signers: readonly (readonly [SigningKey, SigningKey])[] = [
    [rsa, otherRsa],
    [await makeKey("ES256"), await makeKey("ES256")],
    [await makeKey("EdDSA", "EdDSA"), await makeKey("EdDSA", "EdDSA")],
  ];
  await using server = startKeyServer(...signers.map(([signer]) => signer));
  const callers = createCallers({ ...keys, jwksUrl: server.url });
  for (const [signer, forger] of signers) {
    const exp = Math.floor(Date.now() / 1000) + 60;
    const caller = await callers.ofToken(await signWith(signer, claims({ exp })));
    deepEqual([caller.role, caller.claims.sub], ["authenticated", SUBJECT]);
    equal(caller.expiresAt, exp * 1000);
    await rejects(callers.ofToken(await signWith(forger)), badSignature);
    await rejects(
      callers.ofToken(await signWith(signer, claims({ exp: 1, iat: 0 }))),
      /^TokenRefused: Token has expired \d+ seconds ago$/,
    );
    await rejects(
      callers.ofToken(await signWith(signer, claims({ role: undefined }))),
      refused("Fields `role` and `exp` are required in JWT"),
    );
  }
  equal(server.requests, 1, "the keys are fetched once");
});

Deno.test("while keys cannot be fetched, earlier keys and the secret still verify tokens", async () => {
  const [first, second] = [await makeKey("first"), await makeKey("second")];
  await using server = startKeyServer(first);
  const callers = createCallers({ ...keys, jwksUrl: server.url });
  await callers.ofToken(await signWith(first));
  server.fail(500);
  await callers.ofToken(await signWith(first));
  await rejects(callers.ofToken(await signWith(second)), TokenRefused);
  equal((await callers.ofToken(await signHS256(keys.jwtSecret))).role, "authenticated");
  equal((await callers.ofKey(keys.secretKey)).role, "service_role");
});

Deno.test("the secret verifies no asymmetric token, nor a public key a shared one", async () => {
  await using server = startKeyServer(rsa);
  const callers = createCallers({ ...keys, jwksUrl: server.url });
  const publicKey = JSON.stringify(rsa.publicJwk);
  await rejects(callers.ofToken(await signHS256(publicKey, claims(), rsa.kid)), badSignature);
  await rejects(createCallers(keys).ofToken(await signWith(rsa)), badSignature);
  for (const alg of ["HS384", "HS512"]) {
    const token = await new SignJWT(claims()).setProtectedHeader({ alg })
      .sign(new TextEncoder().encode(keys.jwtSecret.padEnd(64)));
    await rejects(callers.ofToken(token), badSignature);
  }
  for (const token of ["", "x", "a.b.c", `${btoa('{"alg":"none"}')}.${btoa("{}")}.`]) {
    await rejects(callers.ofToken(token), TokenRefused, token);
  }
});
