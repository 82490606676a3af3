import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { decodeJwt, SignJWT } from "jose";
import postgres from "postgres";
import { createPlatformApi, type PlatformApi } from "./platform-api.ts";
import { prepareDatabase } from "../postgres/prepare-database.ts";
import { startTemporaryDatabase } from "../postgres/temporary-database.ts";

const apiUrl = "http://127.0.0.1:1";
const publishableKey = "sb_publishable_for_this_test";
const secretKey = "sb_secret_for_this_test";
const jwtSecret = "a secret of more than thirty-two characters";

/** What a migration might contain; run as the role that runs migrations. */
const migration = `
  create table public.notes (
    id integer primary key,
    owner uuid not null,
    cost numeric(20, 10) check (cost >= 0),
    big bigint,
    data jsonb,
    written_at timestamptz
  );
  alter table public.notes enable row level security;
  grant select, insert on public.notes to authenticated, service_role;
  create policy "Owners read" on public.notes for select to authenticated using (owner = auth.uid());
  create policy "Owners write" on public.notes for insert to authenticated
    with check (owner = auth.uid());
  create table public.newcomers (id uuid);
  create table public.hidden (id integer);
  insert into public.hidden values (1);
  create function public.echo(value jsonb) returns jsonb language sql as $$
    select jsonb_build_object(
      'value', value, 'role', current_user, 'claims', auth.jwt(),
      'timeout', current_setting('statement_timeout')
    )
  $$;
  create function public.refuse() returns void language plpgsql as $$
  begin
    raise exception using errcode = 'PT402', message = 'No credit.', detail = 'no_credit', hint = 'Pay.';
  end $$;
  create function public.complain() returns void language plpgsql as $$
  begin
    raise exception 'Not like this.' using hint = 'Like that.';
  end $$;
  create function public.check_request() returns void language plpgsql as $$
  begin
    if current_setting('request.headers')::jsonb ->> 'x-refused' is not null then
      raise exception using errcode = 'PT418', detail = 'refused',
        message = concat_ws(' ', current_user, current_setting('request.method'), current_setting('request.path'));
    end if;
  end $$;
  alter role authenticator set pgrst.db_pre_request = 'public.check_request';
  create function public.note_new_user() returns trigger
  language plpgsql security definer set search_path = '' as $$
  begin
    insert into public.newcomers values (new.id);
    return new;
  end $$;
  create trigger on_new_user after insert on auth.users
    for each row execute function public.note_new_user();
`;

interface Fixture {
  api: PlatformApi;
  /** A client with this key that reaches the API without a network. */
  client(key: string): SupabaseClient;
  /** Runs SQL as the role that runs migrations. */
  migrate(sql: string): Promise<unknown>;
  admin: postgres.Sql;
  /** What was mailed. */
  mails: string[];
}

async function withApi(test: (fixture: Fixture) => Promise<void>): Promise<void> {
  const database = await startTemporaryDatabase();
  const quiet = { onnotice: () => {} };
  const admin = postgres(database.adminUrl, quiet);
  const owner = postgres(database.url, quiet);
  const printError = console.error;
  const mails: string[] = [];
  let api: PlatformApi | undefined;
  try {
    const password = new URL(database.adminUrl).password;
    await prepareDatabase(database.adminUrl, password);
    await owner.unsafe(migration);
    api = await createPlatformApi({
      databaseUrl: (role) => `postgresql://${role}:${password}@127.0.0.1:${database.port}/postgres`,
      apiUrl,
      publishableKey,
      secretKey,
      jwtSecret,
      report: (text) => void mails.push(text),
    });
    const { fetch } = api;
    console.error = () => {};
    await test({
      api,
      client: (key) =>
        createClient(apiUrl, key, {
          auth: { persistSession: false, autoRefreshToken: false },
          global: { fetch: (input, init) => fetch(new Request(input, init), "127.0.0.1") },
        }),
      migrate: (sql) => owner.unsafe(sql),
      admin,
      mails,
    });
  } finally {
    console.error = printError;
    await api?.close();
    await Promise.all([admin.end(), owner.end()]);
    await database.stop();
  }
}

/** Every grant and default privilege there is. */
async function privileges({ admin }: Fixture): Promise<unknown[]> {
  const rows = await admin`
    select oid::regclass::text as name, relacl::text as acl from pg_class
    where relnamespace in ('public'::regnamespace, 'auth'::regnamespace)
    union all
    select 'default', defaclacl::text from pg_default_acl
    union all
    select nspname, nspacl::text from pg_namespace
    order by 1`;
  return [...rows];
}

/** Signs a new person called Ann up. */
async function signUp(
  client: SupabaseClient,
): Promise<{ id: string; email: string; token: string }> {
  const email = `${crypto.randomUUID()}@example.com`;
  const { data, error } = await client.auth.signUp({
    email,
    password: "agentbase",
    options: { data: { full_name: "Ann" } },
  });
  ok(data.session !== null, error?.message);
  return { id: data.session.user.id, email, token: data.session.access_token };
}

/** The claims about the APIs, all tested on one database. */
const claims: [string, (fixture: Fixture) => Promise<void>][] = [];
const claim = (name: string, test: (fixture: Fixture) => Promise<void>) =>
  claims.push([name, test]);

claim(
  "a person reads and writes what grants and policies allow, and nothing is granted on the way",
  async (fixture) => {
    const before = await privileges(fixture);
    const ann = fixture.client(publishableKey);
    const { id } = await signUp(ann);

    const written = await ann.from("notes").insert({ id: 1, owner: id }).select("id");
    deepEqual(written.data, [{ id: 1 }]);
    const foreign = await ann.from("notes").insert({ id: 2, owner: crypto.randomUUID() });
    deepEqual([foreign.status, foreign.error?.code], [403, "42501"]);
    const hidden = await ann.from("hidden").select();
    deepEqual([hidden.status, hidden.error?.code], [403, "42501"]);

    const anyone = await fixture.client(publishableKey).from("notes").select();
    deepEqual([anyone.status, anyone.error?.code], [401, "42501"]);
    // Row level security does not bind the service role, but a missing grant does.
    const service = await fixture.client(secretKey).from("hidden").select();
    deepEqual([service.status, service.error?.code], [403, "42501"]);

    deepEqual(await privileges(fixture), before);
  },
);

claim("a request has its role, its claims and its role's time limit", async ({ client }) => {
  const expected = [[publishableKey, "anon", "3s"], [secretKey, "service_role", "8s"]] as const;
  for (const [key, role, timeout] of expected) {
    const { data } = await client(key).rpc("echo", { value: { a: [1, null] } });
    deepEqual(data, { value: { a: [1, null] }, role, claims: { role }, timeout });
  }
  const ann = client(publishableKey);
  const { token } = await signUp(ann);
  const { data } = await ann.rpc("echo", { value: "text" });
  deepEqual(data, {
    value: "text",
    role: "authenticated",
    claims: decodeJwt(token),
    timeout: "8s",
  });
});

claim(
  "a token cannot name a role that the platform's authenticator may not become",
  async ({ api }) => {
    const token = await new SignJWT({ role: "supabase_admin", sub: crypto.randomUUID() })
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode(jwtSecret));
    const response = await api.fetch(
      new Request(`${apiUrl}/rest/v1/hidden`, {
        headers: { apikey: publishableKey, authorization: `Bearer ${token}` },
      }),
      "127.0.0.1",
    );
    equal(response.status, 403);
    match(await response.text(), /permission denied to set role/);
  },
);

claim("a request without a key is refused, even from this machine", async ({ api }) => {
  for (const path of ["/rest/v1/notes", "/rest/v1/rpc/echo"]) {
    const response = await api.fetch(new Request(`${apiUrl}${path}`), "127.0.0.1");
    equal(response.status, 401);
    await response.body?.cancel();
  }
});

claim(
  "numbers keep their digits, times are ISO 8601, JSON stays what it was",
  async ({ api, migrate }) => {
    await migrate(`
    insert into public.notes values (
      10, gen_random_uuid(), 0.0000001230, 9007199254740993,
      '{"n": 12345678901234567890, "list": [1, "2"]}', '2026-01-02 03:04:05.6+00'
    )`);
    const response = await api.fetch(
      new Request(`${apiUrl}/rest/v1/notes?id=eq.10&select=cost,big,data,written_at`, {
        headers: { apikey: secretKey },
      }),
      "127.0.0.1",
    );
    equal(
      await response.text(),
      '[{"cost":0.0000001230,"big":9007199254740993,' +
        '"data":{"n":12345678901234567890,"list":[1,"2"]},' +
        '"written_at":"2026-01-02T03:04:05.6+00:00"}]',
    );
  },
);

claim("a page of another origin may use both APIs", async ({ api }) => {
  const asked = "apikey, authorization, content-type";
  const paths = [
    "/rest/v1/notes",
    "/rest/v1/nothing",
    "/rest/v1/rpc/echo",
    "/rest/v1/rpc/nothing",
    "/auth/v1/token?grant_type=password",
    "/auth/v1/admin/users",
    "/auth/v1/nothing",
  ];
  for (const path of paths) {
    const origin = { origin: "http://elsewhere.example" };
    const preflight = await api.fetch(
      new Request(`${apiUrl}${path}`, {
        method: "OPTIONS",
        headers: {
          ...origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": asked,
        },
      }),
      "127.0.0.1",
    );
    equal(preflight.status, 204, path);
    equal(preflight.headers.get("access-control-allow-origin"), "*");
    equal(preflight.headers.get("access-control-allow-headers"), asked);
    match(preflight.headers.get("access-control-allow-methods") ?? "", /POST/);
    const answer = await api.fetch(
      new Request(`${apiUrl}${path}`, {
        method: "POST",
        headers: { ...origin, apikey: publishableKey, "content-type": "application/json" },
        body: "{}",
      }),
      "127.0.0.1",
    );
    equal(answer.headers.get("access-control-allow-origin"), "*", path);
    await answer.body?.cancel();
  }
});

claim(
  "the link in an e-mail signs in, on any port of this machine",
  async ({ api, client, mails }) => {
    const email = "linked@example.com";
    await client(publishableKey).auth.signUp({ email, password: "a good password" });
    const { auth } = client(publishableKey);
    const follow = async (send: () => Promise<{ error: unknown }>) => {
      equal((await send()).error, null);
      const link = mails.at(-1)?.match(/http:\S+/)?.[0] ?? "";
      ok(link.startsWith(`${apiUrl}/auth/v1/verify?`), link);
      const answer = await api.fetch(new Request(link), "127.0.0.1");
      equal(answer.status, 303);
      return new URL(answer.headers.get("location") ?? "");
    };
    for (const page of ["http://localhost:5173/welcome", "http://127.0.0.1:8080/"]) {
      for (
        const send of [
          () => auth.signInWithOtp({ email, options: { emailRedirectTo: page } }),
          () => auth.resetPasswordForEmail(email, { redirectTo: page }),
        ]
      ) {
        const target = await follow(send);
        equal(target.href.split("#")[0], page);
        const token = new URLSearchParams(target.hash.slice(1)).get("access_token") ?? "";
        const { iss, app_metadata } = decodeJwt(token);
        equal(iss, `${apiUrl}/auth/v1`);
        deepEqual(app_metadata, { provider: "email", providers: ["email"] });
        equal((await auth.getUser(token)).data.user?.email, email);
      }
    }
    const elsewhere = "https://elsewhere.example/";
    const target = await follow(() =>
      auth.signInWithOtp({ email, options: { emailRedirectTo: elsewhere } })
    );
    equal(target.origin, "http://localhost:3000");
  },
);

claim("an exact count is a number", async ({ client }) => {
  const notes = client(secretKey).from("notes").select("*", { count: "exact", head: true });
  equal((await notes.eq("id", 0)).count, 0);
});

claim(
  "a database error has the status and the words that PostgREST gives it",
  async ({ client }) => {
    const service = client(secretKey);
    const refused = await service.rpc("refuse");
    deepEqual(
      [refused.status, refused.error?.code, refused.error?.message],
      [402, "PT402", "No credit."],
    );
    deepEqual([refused.error?.details, refused.error?.hint], ["no_credit", "Pay."]);
    const complaint = await service.rpc("complain");
    deepEqual(
      [complaint.status, complaint.error?.code, complaint.error?.message, complaint.error?.hint],
      [400, "P0001", "Not like this.", "Like that."],
    );
    const owner = crypto.randomUUID();
    const negative = await service.from("notes").insert({ id: 20, owner, cost: -1 });
    deepEqual([negative.status, negative.error?.code], [400, "23514"]);
    await service.from("notes").insert({ id: 20, owner });
    const twice = await service.from("notes").insert({ id: 20, owner });
    deepEqual([twice.status, twice.error?.code], [409, "23505"]);
  },
);

claim("the function of pgrst.db_pre_request is called before each request", async ({ api }) => {
  const asked = async (method: string, path: string, key: string, headers = {}) => {
    const response = await api.fetch(
      new Request(`${apiUrl}/rest/v1${path}`, {
        method,
        headers: { apikey: key, "content-type": "application/json", ...headers },
        ...method === "POST" ? { body: "{}" } : {},
      }),
      "127.0.0.1",
    );
    return [response.status, response.status === 418 ? (await response.json()).message : ""];
  };
  const refused = { "x-refused": "yes" };
  deepEqual(await asked("GET", "/notes?select=id", publishableKey, refused), [
    418,
    "anon GET /notes",
  ]);
  deepEqual(await asked("POST", "/rpc/complain", secretKey, refused), [
    418,
    "service_role POST /rpc/complain",
  ]);
  deepEqual(await asked("GET", "/notes?select=id", secretKey), [200, ""]);
});

claim("a change of the schema reaches the API by itself", async ({ client, migrate }) => {
  const service = client(secretKey);
  equal((await service.from("late").select()).status, 404);
  await migrate(
    "create table public.late (id integer); grant select on public.late to service_role",
  );
  const deadline = Date.now() + 30_000;
  while ((await service.from("late").select()).status !== 200) {
    ok(Date.now() < deadline, "The API still does not know the table");
    // The API answers from its cache at once; the notification needs a moment in between.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});

claim(
  "an access token names its issuer, audience and person, and stays valid when refreshed",
  async ({ client }) => {
    const ann = client(publishableKey);
    const { id, email: given, token } = await signUp(ann);
    const refreshed = await ann.auth.refreshSession();
    for (const each of [token, refreshed.data.session?.access_token ?? ""]) {
      const { iss, aud, sub, role, email, app_metadata, user_metadata } = decodeJwt(each);
      deepEqual({ iss, aud, sub, role, email, app_metadata }, {
        iss: `${apiUrl}/auth/v1`,
        aud: "authenticated",
        sub: id,
        role: "authenticated",
        email: given,
        app_metadata: { provider: "email", providers: ["email"] },
      });
      match(JSON.stringify(user_metadata), /"full_name":"Ann"/);
      equal((await ann.auth.getUser(each)).data.user?.id, id);
    }
  },
);

claim(
  "sign-up has the rights of the platform's Auth server and fires the migrations' triggers",
  async ({ client, admin }) => {
    const ann = client(publishableKey);
    const { id, email } = await signUp(ann);
    deepEqual([...await admin`select id from public.newcomers where id = ${id}`], [{ id }]);
    const [identity] = await admin`select email from auth.identities where user_id = ${id}`;
    equal(identity?.email, email);
    await ann.from("notes").select();
    const roles = await admin`
    select distinct usename::text as name, rolsuper from pg_stat_activity
    join pg_roles on rolname = usename
    where usename in ('authenticator', 'supabase_auth_admin') order by 1`;
    deepEqual([...roles], [
      { name: "authenticator", rolsuper: false },
      { name: "supabase_auth_admin", rolsuper: false },
    ]);
  },
);

Deno.test("the Data API and the Auth API behave like the platform's", async (context) => {
  await withApi(async (fixture) => {
    for (const [name, test] of claims) await context.step(name, () => test(fixture));
  });
});
