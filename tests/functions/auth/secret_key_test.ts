import { doesNotMatch, equal, rejects } from "node:assert/strict";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { createSecretKeys } from "../../../functions/_shared/auth/secret_key.ts";

const keys = createSecretKeys(
  new Map([["default", "sb_secret_defaulthush"], ["cron", "sb_secret_cronhush"]]),
);

const request = (headers: HeadersInit = {}) => new Request("http://127.0.0.1/health", { headers });
const withKey = (apikey: string) => request({ apikey });

/** Asserts a refusal with this status and code, whose text contains no part of any key. */
async function refuses(work: Promise<unknown>, status: number, code: string): Promise<void> {
  await rejects(work, (error: unknown) => {
    if (!(error instanceof ApiError)) return false;
    doesNotMatch(error.message, /hush/);
    equal(`${error.status} ${error.code}`, `${status} ${code}`);
    return true;
  });
}

Deno.test("a secret key is identified by its name", async () => {
  equal(await keys.nameOf(withKey("sb_secret_cronhush")), "cron");
  equal(await keys.nameOf(withKey("sb_secret_defaulthush")), "default");
});

Deno.test("a request without a secret key is anonymous", async () => {
  equal(await keys.nameOf(request()), null);
  equal(await keys.nameOf(withKey("")), null);
  equal(await keys.nameOf(withKey("sb_publishable_hush")), null);
  equal(await keys.nameOf(request({ authorization: "Bearer sb_secret_cronhush" })), null);
});

for (
  const wrong of [
    "sb_secret_cron471",
    "sb_secret_cronhushh",
    "SB_SECRET_CRONHUSH",
    "sb_secret_cronhush,sb_secret_cronhush",
    "cron",
    "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.hush",
  ]
) {
  Deno.test(`a wrong key is refused, not ignored: ${wrong.slice(0, 20)}`, async () => {
    await refuses(keys.nameOf(withKey(wrong)), 401, "invalid_secret_key");
    await refuses(keys.demand(withKey(wrong), ["cron"]), 401, "invalid_secret_key");
  });
}

Deno.test("a call is allowed with the keys named for it", async () => {
  await keys.demand(withKey("sb_secret_cronhush"), ["cron", "default"]);
  await refuses(keys.demand(request(), ["cron"]), 401, "missing_secret_key");
  await refuses(keys.demand(withKey("sb_publishable_hush"), ["cron"]), 401, "missing_secret_key");
  await refuses(
    keys.demand(withKey("sb_secret_defaulthush"), ["cron"]),
    403,
    "secret_key_not_allowed",
  );
});
