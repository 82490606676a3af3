import { equal, match, ok } from "node:assert/strict";
import { examine } from "../../scripts/cli/doctor/examine.ts";
import type { Finding } from "../../scripts/cli/doctor/finding.ts";
import { startOwnPlatform } from "./support/own_platform.ts";

const key = "sb_secret_doctor_0123456789";

/** The problems among findings, optionally of a single check, as lines. */
function problems(findings: readonly Finding[], check?: string): string[] {
  return findings
    .filter((finding) => finding.status !== "ok" && (!check || finding.check === check))
    .map(({ status, check, message }) => `${status} ${check}: ${message}`);
}

Deno.test("the doctor names what is wrong with a deployment's settings, and what to do", async (test) => {
  await using platform = await startOwnPlatform();
  const { sql, databaseUrl } = platform;
  const folder = await Deno.makeTempDir({ prefix: "agentbase-doctor-" });
  const owner = new URL(databaseUrl);
  [owner.username, owner.password] = ["postgres", "postgres"];
  let redisStatus = 200;
  let apiStatus = 200;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      if (!request.url.includes("/rest/v1/")) return new Response("PONG", { status: redisStatus });
      return Response.json([{ id: "openai", auth_type: "api_key" }], { status: apiStatus });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  const sound = {
    SUPABASE_URL: url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: key }),
    KEY_ENCRYPTION_KEYS: JSON.stringify({
      active: "a",
      keys: { a: crypto.getRandomValues(new Uint8Array(32)).toBase64() },
    }),
    DATABASE_URL: databaseUrl,
    DB_URL: owner.href,
    OPENAI_API_KEY: "sk-of-the-operator",
    UPSTASH_REDIS_REST_URL: url,
    UPSTASH_REDIS_REST_TOKEN: "token-of-redis",
  };
  const ask = async (changes: Record<string, string> = {}, check?: string) => {
    const findings = await examine({ ...sound, ...changes }, folder);
    for (const { message } of findings) {
      for (const secret of [key, "sk-of-the-operator", "token-of-redis", "wrong-password"]) {
        ok(!message.includes(secret), `a secret is printed: ${message}`);
      }
    }
    return problems(findings, check);
  };
  const says = async (changes: Record<string, string>, check: string, expected: RegExp) =>
    match((await ask(changes, check)).join("\n"), expected);

  const wrong = new URL(databaseUrl);
  wrong.password = "wrong-password";
  const away = new URL(databaseUrl);
  away.port = "1";
  const cases: [what: string, changes: Record<string, string>, check: string, expected: RegExp][] =
    [
      ["a missing variable", { SUPABASE_URL: "" }, "settings", /^error.*SUPABASE_URL missing/],
      [
        "several invalid",
        { JWT_SECRET: "short", DATABASE_URL: "x" },
        "settings",
        /JWT_SECRET|DATABASE_URL/,
      ],
      [
        "no encryption keys",
        { KEY_ENCRYPTION_KEYS: "" },
        "settings",
        /^warning.*KEY_ENCRYPTION_KEYS/,
      ],
      [
        "invalid encryption keys",
        { KEY_ENCRYPTION_KEYS: "{}" },
        "settings",
        /^error.*KEY_ENCRYPTION_KEYS/,
      ],
      ["half of Redis", { UPSTASH_REDIS_REST_TOKEN: "" }, "settings", /REST_TOKEN is not set/],
      ["no address", { DATABASE_URL: "" }, "settings", /through the Data API.*Set DATABASE_URL/],
      [
        "a session pooler without verification",
        { DATABASE_URL: "postgres://a:b@aws-0.pooler.supabase.com:5432/postgres" },
        "settings",
        /session mode.*6543.*\n.*not verified.*DATABASE_CA/,
      ],
      [
        "a wrong password",
        { DATABASE_URL: wrong.href },
        "database",
        /refuses the user or the password/,
      ],
      ["no server", { DATABASE_URL: away.href }, "database", /cannot be reached/],
      ["TLS refused", { DATABASE_URL: `${databaseUrl}?sslmode=require` }, "database", /TLS/],
      ["a role with too many rights", { DATABASE_URL: owner.href }, "database", /more rights/],
      ["no migrations", { DB_URL: away.href }, "migrations", /history cannot be read/],
      ["no right to compare", { DB_URL: "" }, "migrations", /Set DB_URL/],
      ["no credential", { OPENAI_API_KEY: "" }, "vendors", /openai.*_API_KEY/],
      ["no Redis", { UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1" }, "redis", /does not answer/],
    ];
  await test.step("reports no problem where there is none", async () => {
    equal((await ask()).join("\n"), "");
  });
  for (const [what, changes, check, expected] of cases) {
    await test.step(what, () => says(changes, check, expected));
  }

  await test.step("reports a refused secret key and a refused Redis token", async () => {
    [apiStatus, redisStatus] = [401, 401];
    await says({}, "data-api", /secret key is refused/);
    await says({}, "redis", /status 401.*REST_TOKEN/);
    [apiStatus, redisStatus] = [200, 200];
  });

  await test.step("names a role that lacks a privilege", async () => {
    await sql`revoke execute on function public.settle_chat_turn from agentbase_functions`;
    await says({}, "database", /agentbase_functions may not execute settle_chat_turn/);
    await sql`grant execute on function public.settle_chat_turn to agentbase_functions`;
    equal((await ask({}, "database")).join(), "");
  });

  await test.step("names a missing migration", async () => {
    await sql`delete from supabase_migrations.schema_migrations where version = '20260101001700'`;
    await says({}, "migrations", /^error.*not applied \(1\).*final_steps/);
    await sql`insert into supabase_migrations.schema_migrations (version) values ('20260101001700')`;
    await sql`insert into supabase_migrations.schema_migrations (version) values ('20990101000000')`;
    await says({}, "migrations", /20990101000000 was applied and does not exist/);
  });

  await test.step("reports jobs that no scheduler runs, and a missing extension", async () => {
    await sql`update private.jobs set created_at = now() - interval '400 days'`;
    await says({}, "jobs", /^error jobs: Jobs are late: .*Enable pg_cron/);
  });

  await Deno.remove(folder, { recursive: true });
});
