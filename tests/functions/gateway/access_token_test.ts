import { deepEqual, doesNotMatch, equal, match, rejects } from "node:assert/strict";
import { exportPKCS8, generateKeyPair, jwtVerify } from "jose";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { createAccessTokens } from "../../../functions/_shared/gateway/call/access_token.ts";
import { endpointsOf } from "../../../functions/_shared/gateway/call/endpoint.ts";
import { route } from "../support/memory_database.ts";

const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
const pem = await exportPKCS8(privateKey);

/** A token server on a loopback port, and the key file of a service account. */
function startTokenServer(answer: (count: number) => Response | Promise<Response>) {
  const assertions: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const form = await request.formData();
      equal(form.get("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
      assertions.push(String(form.get("assertion")));
      return await answer(assertions.length);
    },
  );
  const account = {
    type: "service_account",
    client_email: "chat@project.example",
    private_key: pem,
    private_key_id: "key-1",
    token_uri: `http://127.0.0.1:${server.addr.port}/token`,
  };
  return {
    account,
    file: JSON.stringify(account),
    assertions,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const token = (count: number) =>
  Response.json({ access_token: `ya29.${count}`, expires_in: 3600, token_type: "Bearer" });

Deno.test("a service account authenticates by a signed assertion", async () => {
  await using server = startTokenServer(token);
  const accessToken = createAccessTokens({ fetch, now: Date.now });
  equal(await accessToken(server.file), "ya29.1");
  const { payload, protectedHeader } = await jwtVerify(server.assertions[0]!, publicKey, {
    issuer: server.account.client_email,
    audience: server.account.token_uri,
    algorithms: ["RS256"],
  });
  equal(protectedHeader.kid, "key-1");
  equal(payload.scope, "https://www.googleapis.com/auth/cloud-platform");
  equal(payload.exp! - payload.iat!, 3600);
});

Deno.test("a token is fetched once, and again a minute before it expires", async () => {
  await using server = startTokenServer(token);
  let now = Date.now();
  const accessToken = createAccessTokens({ fetch, now: () => now });
  const together = await Promise.all(Array.from({ length: 5 }, () => accessToken(server.file)));
  deepEqual(new Set(together), new Set(["ya29.1"]));
  now += 3600_000 - 60_001;
  equal(await accessToken(server.file), "ya29.1");
  now += 1;
  const next = await Promise.all([accessToken(server.file), accessToken(server.file)]);
  deepEqual(next, ["ya29.2", "ya29.2"]);
  equal(server.assertions.length, 2);
});

Deno.test("a failed fetch of a token is tried again by the next caller", async () => {
  await using server = startTokenServer((count) =>
    count === 1 ? new Response("busy", { status: 500 }) : token(count)
  );
  const accessToken = createAccessTokens({ fetch, now: Date.now });
  await rejects(accessToken(server.file), (error: unknown) => {
    const { status, code, cause } = error as ApiError;
    deepEqual([status, code], [503, "vendor_token_unavailable"]);
    match(String(cause), /answered with 500/);
    return error instanceof ApiError;
  });
  equal(await accessToken(server.file), "ya29.2");
});

for (
  const [what, file] of [
    ["is not JSON", "-----BEGIN hush"],
    ["lacks a field", JSON.stringify({ private_key: "hush" })],
    [
      "has a key that is none",
      JSON.stringify({ client_email: "a", private_key: "hush", token_uri: "http://127.0.0.1:1/" }),
    ],
  ] as const
) {
  Deno.test(`the error for a key file that ${what} quotes nothing of it`, async () => {
    const accessToken = createAccessTokens({ fetch, now: Date.now });
    await rejects(accessToken(file), (error: unknown) => {
      const { message, cause } = error as ApiError;
      doesNotMatch(message + String(cause), /hush/);
      return error instanceof ApiError;
    });
  });
}

for (const status of [302, 307, 308]) {
  Deno.test(`an assertion does not follow a redirect of the token server (${status})`, async () => {
    let followed = 0;
    await using elsewhere = startTokenServer(() => {
      followed++;
      return token(1);
    });
    await using server = startTokenServer(() =>
      new Response(null, { status, headers: { location: elsewhere.account.token_uri } })
    );
    await rejects(createAccessTokens({ fetch, now: Date.now })(server.file), {
      status: 503,
      code: "vendor_token_unavailable",
    });
    equal(followed, 0);
  });
}

Deno.test("Vertex AI is called with the token of its service account", async () => {
  await using server = startTokenServer(token);
  const vertex = route({
    vendor_id: "google_vertex",
    auth_type: "oauth",
    base_url: "https://{location}-aiplatform.example.com/v1/projects/{project}/endpoints/openapi",
  });
  const variables = new Map([
    ["GOOGLE_VERTEX_SERVICE_ACCOUNT", server.file],
    ["GOOGLE_VERTEX_LOCATION", "europe-west1"],
    ["GOOGLE_VERTEX_PROJECT", "acme"],
  ]);
  const [prepare] = endpointsOf(vertex, "/chat/completions", {
    env: { variables, demoUpstreamUrl: undefined },
    accessToken: createAccessTokens({ fetch, now: Date.now }),
  });
  deepEqual(await prepare!.prepare(), {
    url:
      "https://europe-west1-aiplatform.example.com/v1/projects/acme/endpoints/openapi/chat/completions",
    headers: { Authorization: "Bearer ya29.1" },
    secret: "ya29.1",
    ownKey: false,
  });
});
