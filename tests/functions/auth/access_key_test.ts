import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  createAccessKeySecret,
  readAccessKey,
} from "../../../functions/_shared/auth/access_key.ts";
import { createAccessKeyGuard } from "../../../functions/_shared/auth/access_key_guard.ts";
import { TRIES_A_MINUTE } from "../../../functions/_shared/auth/try_limiter.ts";
import type { Caller } from "../../../functions/_shared/auth/caller.ts";
import { acceptAccessKeys } from "../../../functions/_shared/auth/caller.ts";
import type { ErrorCode } from "../../../functions/_shared/core/error_codes.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";

const bearing = (token: string, headers: Record<string, string> = {}) =>
  new Request("http://127.0.0.1/", { headers: { authorization: `Bearer ${token}`, ...headers } });

Deno.test("a secret is agb_ and 256 random bits, of which the hash, the prefix and the last characters are kept", async () => {
  const secrets = await Promise.all(Array.from({ length: 200 }, createAccessKeySecret));
  for (const { secret, token_hash, prefix, last_four } of secrets) {
    match(secret, /^agb_[A-Za-z0-9_-]{43}$/);
    equal(token_hash, createHash("sha256").update(secret).digest("hex"));
    equal(prefix, secret.slice(0, 8));
    equal(last_four, secret.slice(-4));
    equal(await readAccessKey(bearing(secret)), token_hash, "it is recognized");
  }
  equal(new Set(secrets.map(({ secret }) => secret)).size, 200);
  // Every bit is set about half of the time.
  const bytes = secrets.map(({ secret }) =>
    Uint8Array.fromBase64(secret.slice(4), { alphabet: "base64url" })
  );
  for (let bit = 0; bit < 256; bit++) {
    const set = bytes.filter((one) => (one[bit >> 3]! >> (bit & 7)) & 1).length;
    ok(set > 50 && set < 150, `bit ${bit} is set in ${set} of 200`);
  }
});

Deno.test("a token of another kind is ignored, and a malformed access key is refused", async () => {
  equal(await readAccessKey(bearing("eyJhbGciOiJIUzI1NiJ9.e30.x")), null);
  equal(await readAccessKey(bearing("AGB_" + "A".repeat(43))), null);
  const { secret } = await createAccessKeySecret();
  const broken = [
    secret.slice(0, -1),
    secret + "A",
    secret.slice(0, -1) + "B",
    secret.replace("_", "_+"),
    "agb_",
  ];
  for (const token of broken) {
    await rejects(readAccessKey(bearing(token)), (error: unknown) => {
      ok(error instanceof ApiError);
      deepEqual([error.status, error.code], [401, "invalid_api_key"]);
      ok(!error.message.includes(token), "it is not repeated");
      return true;
    });
  }
});

Deno.test("an access key is read from the headers of Anthropic's and Azure's clients as well", async () => {
  const { secret, token_hash } = await createAccessKeySecret();
  const elsewhere = "sk-ant-left-over-from-elsewhere";
  for (
    const [headers, hash] of [
      [{ "x-api-key": secret }, token_hash],
      [{ "api-key": secret }, token_hash],
      [{ "x-api-key": secret, authorization: `Bearer ${elsewhere}` }, token_hash],
      [{ "x-api-key": elsewhere, authorization: `Bearer ${secret}` }, token_hash],
      [{ "x-api-key": elsewhere }, null],
    ] as const
  ) {
    equal(await readAccessKey(new Request("http://127.0.0.1/", { headers })), hash);
  }
  const project = new Request("http://127.0.0.1/", { headers: { "x-api-key": "sb_secret_x" } });
  await rejects(readAccessKey(project), { status: 401, code: "api_key_not_accepted" });
});

Deno.test("the caller's address is the one in the platform's header", async () => {
  const person = () => Promise.reject(new Error("a person?"));
  const { secret } = await createAccessKeySecret();
  const addressOf = async (clientAddressHeader: string, headers: Record<string, string>) => {
    const caller = await acceptAccessKeys(person, { clientAddressHeader })(
      bearing(secret, headers),
    );
    return caller.accessKey === undefined ? undefined : caller.address;
  };
  const both = { "cf-connecting-ip": "192.0.2.2", "x-forwarded-for": "192.0.2.1, 10.0.0.1" };
  equal(await addressOf("cf-connecting-ip", both), "192.0.2.2");
  equal(
    await addressOf("x-forwarded-for", both),
    "10.0.0.1",
    "a client can send what is before it",
  );
  equal(await addressOf("X-Real-IP", both), null);
  equal(await addressOf("cf-connecting-ip", { "x-forwarded-for": "192.0.2.1" }), null);
  equal(await addressOf("cf-connecting-ip", { "cf-connecting-ip": "" }), null);
  equal(await addressOf("cf-connecting-ip", {}), null);
});

// The guard --------------------------------------------------------------------

/** A guard, and a database that knows one key. */
function guardedDatabase() {
  let time = 0;
  const guard = createAccessKeyGuard({ now: () => time });
  const asked: string[] = [];
  const answers = new Map<string, ErrorCode>();
  return {
    asked,
    answers,
    pass: (milliseconds: number) => void (time += milliseconds),
    ask(accessKey: string, address: string | null = "192.0.2.1"): Promise<string> {
      const caller: Caller = { accessKey, address };
      return guard.ask(caller, () => {
        asked.push(accessKey);
        const refusal = accessKey.startsWith("good")
          ? answers.get(accessKey)
          : answers.get(accessKey) ?? "invalid_api_key";
        if (refusal === undefined) return Promise.resolve("an answer");
        return Promise.reject(new ApiError(refusal, "No."));
      });
    },
    person: (work: () => Promise<string>) => guard.ask({ userId: "someone" }, work),
  };
}

const refusedWith = (code: string) => (error: unknown) => {
  ok(error instanceof ApiError, String(error));
  equal(error.code, code);
  return true;
};

Deno.test("a key that does not exist is looked up once a minute", async () => {
  const database = guardedDatabase();
  for (let i = 0; i < 5; i++) {
    await rejects(database.ask("bad"), refusedWith("invalid_api_key"));
    // From any address.
    await rejects(database.ask("bad", "192.0.2.2"), refusedWith("invalid_api_key"));
  }
  deepEqual(database.asked, ["bad"]);
  database.pass(60_000);
  await rejects(database.ask("bad"), refusedWith("invalid_api_key"));
  deepEqual(database.asked, ["bad", "bad"]);
});

Deno.test("a key that exists is checked in the database for each request", async () => {
  const database = guardedDatabase();
  for (
    const code of ["access_key_expired", "access_key_replaced", "rate_limit_exceeded"] as const
  ) {
    database.answers.set("good", code);
    await rejects(database.ask("good"), refusedWith(code));
    await rejects(database.ask("good"), refusedWith(code));
  }
  database.answers.delete("good");
  equal(await database.ask("good"), "an answer");
  equal(database.asked.length, 7);
  // A revoked key stays revoked.
  database.answers.set("good", "access_key_revoked");
  await rejects(database.ask("good"), refusedWith("access_key_revoked"));
  await rejects(database.ask("good"), refusedWith("access_key_revoked"));
  equal(database.asked.length, 8);
});

Deno.test("an address that tries unknown keys is refused, and known keys from it are not", async () => {
  const database = guardedDatabase();
  equal(await database.ask("good"), "an answer");
  for (let i = 0; i < TRIES_A_MINUTE; i++) {
    await rejects(database.ask(`guess ${i}`), refusedWith("invalid_api_key"));
    database.pass(1_000);
  }
  const before = database.asked.length;
  await rejects(database.ask("another guess"), (error: unknown) => {
    ok(error instanceof ApiError);
    deepEqual([error.status, error.code], [429, "too_many_unknown_keys"]);
    equal(error.headers["retry-after"], String(60 - TRIES_A_MINUTE));
    return true;
  });
  await rejects(database.ask("good, but not seen yet"), refusedWith("too_many_unknown_keys"));
  equal(database.asked.length, before);

  equal(await database.ask("good"), "an answer");
  equal(await database.ask("good elsewhere", "192.0.2.2"), "an answer");
  await rejects(database.ask("a guess elsewhere", null), refusedWith("invalid_api_key"));
  equal(await database.person(() => Promise.resolve("a person")), "a person");

  database.pass(60_000);
  await rejects(database.ask("one more guess"), refusedWith("invalid_api_key"));
  equal(await database.ask("good, but not seen yet"), "an answer");
});

Deno.test("all addresses of a /64 of IPv6 share one limit", async () => {
  const database = guardedDatabase();
  for (let i = 0; i < TRIES_A_MINUTE; i++) {
    const address = `2001:db8:1:2::${i}`;
    await rejects(database.ask(`guess ${i}`, address), refusedWith("invalid_api_key"));
  }
  const asAnother = database.ask("good", "2001:DB8:1:2:ffff:ffff:ffff:ffff");
  await rejects(asAnother, refusedWith("too_many_unknown_keys"));
  equal(await database.ask("good", "2001:db8:1:3::1"), "an answer");
  // An IPv4-mapped IPv6 address counts as the IPv4 address.
  for (let i = 0; i < TRIES_A_MINUTE; i++) {
    await rejects(database.ask(`one ${i}`, "::ffff:192.0.2.7"), refusedWith("invalid_api_key"));
  }
  const again = database.ask("good, but not seen yet", "192.0.2.7");
  await rejects(again, refusedWith("too_many_unknown_keys"));
});

Deno.test("callers without a known address are not limited together", async () => {
  const database = guardedDatabase();
  for (let i = 0; i <= TRIES_A_MINUTE; i++) {
    await rejects(database.ask(`guess ${i}`, null), refusedWith("invalid_api_key"));
  }
  equal(await database.ask("good, but not seen yet", null), "an answer");
  equal(await database.ask("good elsewhere", "192.0.2.2"), "an answer");
  const before = database.asked.length;
  await rejects(database.ask("guess 0", null), refusedWith("invalid_api_key"));
  equal(database.asked.length, before, "what does not exist is remembered all the same");
});

Deno.test("the memory for addresses that try keys is bounded", async () => {
  const database = guardedDatabase();
  for (let i = 0; i < 10_001; i++) {
    await database.ask(`guess ${i}`, `address ${i}`).catch(() => {});
  }
  await rejects(database.ask("guess 10000", "x"), refusedWith("invalid_api_key"));
  equal(database.asked.length, 10_001, "the latest is remembered");
  await rejects(database.ask("guess 0", "x"), refusedWith("invalid_api_key"));
  equal(database.asked.length, 10_002, "the first made room");
  notEqual(database.asked.at(-1), "guess 10000");
});
