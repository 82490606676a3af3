import { doesNotMatch, equal, rejects } from "node:assert/strict";
import { ApiError } from "../../functions/_shared/errors.ts";
import { createSecretKeys } from "../../functions/_shared/secret_key.ts";

const keys = createSecretKeys(
  new Map([["default", "sb_secret_default4711"], ["cron", "sb_secret_cron4711"]]),
);

const request = (headers: HeadersInit = {}) => new Request("http://127.0.0.1/health", { headers });
const withKey = (apikey: string) => request({ apikey });

/** Refuses with this status and code, in words that hold nothing of any key. */
async function refuses(work: Promise<unknown>, status: number, code: string): Promise<void> {
  await rejects(work, (error: unknown) => {
    if (!(error instanceof ApiError)) return false;
    doesNotMatch(error.message, /4711/);
    equal(`${error.status} ${error.code}`, `${status} ${code}`);
    return true;
  });
}

Deno.test("a secret key is known by its name", async () => {
  equal(await keys.nameOf(withKey("sb_secret_cron4711")), "cron");
  equal(await keys.nameOf(withKey("sb_secret_default4711")), "default");
});

Deno.test("who sends none is just anyone", async () => {
  equal(await keys.nameOf(request()), null);
  equal(await keys.nameOf(withKey("")), null);
  equal(await keys.nameOf(withKey("sb_publishable_4711")), null);
  equal(await keys.nameOf(request({ authorization: "Bearer sb_secret_cron4711" })), null);
});

for (
  const wrong of [
    "sb_secret_cron471",
    "sb_secret_cron47111",
    "SB_SECRET_CRON4711",
    "sb_secret_cron4711,sb_secret_cron4711",
    "cron",
    "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.4711",
  ]
) {
  Deno.test(`a wrong key is refused, and not taken for none: ${wrong.slice(0, 20)}`, async () => {
    await refuses(keys.nameOf(withKey(wrong)), 401, "invalid_secret_key");
    await refuses(keys.demand(withKey(wrong), ["cron"]), 401, "invalid_secret_key");
  });
}

Deno.test("a call is let through by the keys that are meant for it", async () => {
  await keys.demand(withKey("sb_secret_cron4711"), ["cron", "default"]);
  await refuses(keys.demand(request(), ["cron"]), 401, "missing_secret_key");
  await refuses(keys.demand(withKey("sb_publishable_4711"), ["cron"]), 401, "missing_secret_key");
  await refuses(
    keys.demand(withKey("sb_secret_default4711"), ["cron"]),
    403,
    "secret_key_not_allowed",
  );
});
