import { deepEqual, equal } from "node:assert/strict";
import { decodeJwt, jwtVerify } from "jose";
import {
  claims,
  makeKey,
  signHS256,
  type SigningKey,
  signWith,
  startKeyServer,
} from "../../../tests/functions/support/tokens.ts";
import { acceptPublishedTokens } from "./published-tokens.ts";

const jwtSecret = "a shared secret of sufficient length";
const secret = new TextEncoder().encode(jwtSecret);

function requestWith(token: string, prefix = "Bearer "): Request {
  return new Request("http://127.0.0.1/rest/v1/agents", {
    method: "POST",
    body: "[]",
    headers: { authorization: `${prefix}${token}`, apikey: "sb_publishable_test" },
  });
}

const authorization = (answer: Request | Response) => answer.headers.get("authorization") ?? "";

Deno.test("tokens of published keys are replaced by tokens of the secret with the same claims, others stay as they are", async () => {
  const signers: readonly (readonly [SigningKey, SigningKey])[] = [
    [await makeKey("RS256", "RS256"), await makeKey("RS256", "RS256")],
    [await makeKey("ES256"), await makeKey("ES256")],
    [await makeKey("EdDSA", "EdDSA"), await makeKey("EdDSA", "EdDSA")],
  ];
  await using server = startKeyServer(...signers.map(([signer]) => signer));
  const accept = acceptPublishedTokens({ jwtSecret, jwksUrl: server.url });
  for (const [signer, forger] of signers) {
    const token = await signWith(signer, claims());
    for (const prefix of ["Bearer ", "bearer  "]) {
      const accepted = await accept(requestWith(token, prefix));
      const signed = authorization(accepted).replace("Bearer ", "");
      deepEqual((await jwtVerify(signed, secret)).payload, decodeJwt(token));
      equal(accepted.headers.get("apikey"), "sb_publishable_test");
      equal(await accepted.text(), "[]", "the body is there");
    }
    // The library says that it has expired.
    const expired = await signWith(signer, claims({ exp: 1, iat: 0 }));
    deepEqual(
      decodeJwt(authorization(await accept(requestWith(expired))).replace("Bearer ", "")),
      decodeJwt(expired),
    );
    const [header, , signature] = token.split(".");
    const raised = btoa(JSON.stringify({ ...decodeJwt(token), role: "service_role" }));
    for (
      const foreign of [
        await signWith(forger),
        `${header}.${raised}.${signature}`,
        `${token}x`,
        await signHS256(JSON.stringify(signer.publicJwk), claims(), signer.kid),
      ]
    ) equal(authorization(await accept(requestWith(foreign))), `Bearer ${foreign}`);
  }
  for (const token of ["", "x", "a.b.c", "sb_secret_test", await signHS256(jwtSecret)]) {
    const request = requestWith(token);
    equal(await accept(request), request, token);
  }
  equal(server.requests, 1, "the keys are fetched once");
});

Deno.test("while the issuer's keys cannot be fetched, their tokens are refused with 503", async () => {
  const key = await makeKey("first");
  await using server = startKeyServer(key);
  server.fail(500);
  const answer = await acceptPublishedTokens({ jwtSecret, jwksUrl: server.url })(
    requestWith(await signWith(key)),
  );
  equal(answer instanceof Response && answer.status, 503);
  equal(answer.headers.get("retry-after"), "5");
  equal(answer.headers.get("access-control-allow-origin"), "*");
  const request = requestWith(await signWith(key));
  equal(await acceptPublishedTokens({ jwtSecret })(request), request, "there is no other issuer");
});
