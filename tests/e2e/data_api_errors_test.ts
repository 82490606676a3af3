import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createClient, type PostgrestError } from "@supabase/supabase-js";
import { openDatabase, type Person, signUp, stack } from "./support/stack.ts";

/** What supabase-js resolves to. */
interface Answer {
  status: number;
  error: PostgrestError | null;
}

/** A request, and what its answer must be. */
interface Wrong {
  what: string;
  ask: () => PromiseLike<Answer>;
  status: number;
  code: string;
  message: RegExp;
  details?: RegExp;
}

const anyone = createClient(stack.API_URL, stack.PUBLISHABLE_KEY, {
  auth: { persistSession: false },
});
const backend = createClient(stack.API_URL, stack.SECRET_KEY, { auth: { persistSession: false } });

async function check(wrongs: Wrong[]): Promise<void> {
  for (const { what, ask, status, code, message, details } of wrongs) {
    const answer = await ask();
    ok(answer.error !== null, `${what}: there is no error, but status ${answer.status}`);
    strictEqual(answer.error.code, code, `${what}: ${JSON.stringify(answer.error)}`);
    strictEqual(answer.status, status, `${what}: ${JSON.stringify(answer.error)}`);
    match(answer.error.message, message, what);
    if (details !== undefined) match(answer.error.details ?? "", details, what);
  }
}

/** The organization that every person has from the start. */
async function organizationOf(person: Person): Promise<string> {
  const { data, error } = await person.supabase.from("profiles").select("current_organization_id")
    .single();
  if (error !== null) throw error;
  return String(data.current_organization_id);
}

async function addSession(person: Person): Promise<string> {
  const { data, error } = await person.supabase.from("chat_sessions").insert({ title: "x" }).select(
    "id",
  ).single();
  if (error !== null) throw error;
  return String(data.id);
}

Deno.test("a violated constraint is a 400 that states the rule", async () => {
  const ann = await signUp("ann");
  const { supabase } = ann;
  const session = await addSession(ann);
  const organization = await organizationOf(ann);
  const rule = (name: string) => new RegExp(`"${name}"`);
  const broken = (what: string, ask: Wrong["ask"], name: string): Wrong => {
    return { what, ask, status: 400, code: "23514", message: rule(name) };
  };
  await check([
    broken(
      "a hot agent",
      () => supabase.from("agents").insert({ name: "x", temperature: 2.1 }),
      "temperature_is_between_0_and_2",
    ),
    broken(
      "an agent asleep",
      () => supabase.from("agents").insert({ name: "x", status: "asleep" }),
      "agent_status_is_known",
    ),
    broken(
      "no name",
      () => supabase.from("agents").insert({ name: "" }),
      "agent_name_is_1_to_255_characters",
    ),
    broken(
      "a place that is none",
      () =>
        supabase.from("organizations").insert({
          name: "x",
          slug: crypto.randomUUID(),
          timezone: "Mars/Olympus",
        }),
      "timezone_exists",
    ),
    broken(
      "an address that is none",
      () => supabase.from("organizations").insert({ name: "x", slug: "No Good" }),
      "slug_is_lower_case_words_and_dashes",
    ),
    broken(
      "settings of the wrong type",
      () =>
        supabase.from("organizations").update({ settings: { max_tokens: "many" } }).eq(
          "id",
          organization,
        ),
      "settings_can_be_used",
    ),
    broken(
      "a role that is none",
      () =>
        supabase.from("chat_messages").insert({ session_id: session, role: "king", content: "x" }),
      "message_role_is_known",
    ),
    broken(
      "a period that is none",
      () =>
        supabase.from("budgets").insert({
          organization_id: organization,
          period: "weekly",
          limit_usd: 1,
        }),
      "budget_period_is_known",
    ),
    {
      what: "an invitation for an owner",
      ask: () =>
        supabase.rpc("invite_member", {
          organization_id: organization,
          email: "x@example.com",
          role: "owner",
        }),
      status: 400,
      code: "PT400",
      message: /^An invitation cannot grant this role\.$/,
      details: /^invalid_role$/,
    },
  ]);
});

Deno.test("a violated constraint of an interaction is a 400 that states the rule", async () => {
  const { supabase } = await signUp("ann");
  const { data, error } = await supabase.from("agents").insert({ name: "mine" }).select("id")
    .single();
  ok(error === null && data !== null);
  const record = { agent_id: data.id, title: "x" };
  const start = { started_at: "2026-01-02T00:00:00Z" };
  const broken = (row: Record<string, unknown>, name: string): Wrong => ({
    what: JSON.stringify(row),
    ask: () => supabase.from("ai_interactions").insert({ ...record, ...row }),
    status: 400,
    code: "23514",
    message: new RegExp(`"${name}"`),
  });
  await check([
    broken({ satisfaction_rating: 6 }, "satisfaction_rating_is_1_to_5"),
    broken({ usefulness_rating: 0 }, "usefulness_rating_is_1_to_5"),
    broken({ input_tokens: -1 }, "tokens_are_not_negative"),
    broken({ total_cost: -0.5 }, "costs_are_not_negative"),
    broken({ ...start, ended_at: "2026-01-01T00:00:00Z" }, "interaction_ends_after_it_starts"),
    {
      ...broken({ started_at: "-infinity" }, ""),
      code: "PT400",
      message: /more than ten years ago/,
      details: /^date_out_of_range$/,
    },
  ]);
});

Deno.test("a duplicate value and a reference to nothing are 409 conflicts", async () => {
  const { supabase } = await signUp("ann");
  await check([
    {
      what: "an address that is taken",
      ask: () => supabase.from("organizations").insert({ name: "x", slug: "acme" }),
      status: 409,
      code: "23505",
      message: /organizations_slug_key/,
    },
    {
      what: "a vendor that is not there",
      ask: () => supabase.from("agents").insert({ name: "x", vendor_id: "nobody" }),
      status: 409,
      code: "23503",
      message: /agents_vendor_id_fkey/,
      details: /not present in table "vendors"/,
    },
    {
      what: "a service of another vendor",
      ask: () =>
        supabase.from("agents").insert({
          name: "x",
          vendor_id: "openai",
          service_id: "cohere_command_r",
        }),
      status: 409,
      code: "23503",
      message: /agent_service_is_its_vendors/,
    },
    {
      what: "a service that is in use",
      ask: () => backend.from("vendor_services").delete().eq("id", "openrouter_gpt4o"),
      status: 409,
      code: "23503",
      // By a model, or by turns that it answered.
      message: /(models_service|(ai_interactions|agent_executions)_(service|price))_id_fkey/,
      details: /still referenced from table "(models|ai_interactions|agent_executions)"/,
    },
    {
      what: "a price over a price",
      ask: () =>
        backend.from("service_prices").insert({ service_id: "openai_gpt4o", input_rate: 1 }),
      // As the platform has it: only uniqueness and references are conflicts.
      status: 400,
      code: "23P01",
      message: /prices_of_a_service_do_not_overlap/,
    },
  ]);
});

Deno.test("values of the wrong type or range are refused with 400", async () => {
  const { supabase } = await signUp("ann");
  await check([
    {
      what: "words for a number",
      ask: () => supabase.from("agents").insert({ name: "x", max_tokens: "many" }),
      status: 400,
      code: "22P02",
      message: /integer.*"many"/,
    },
    {
      what: "a number too big",
      ask: () => supabase.from("agents").insert({ name: "x", max_tokens: 99_999_999_999 }),
      status: 400,
      code: "22003",
      message: /99999999999.*out of range/,
    },
    {
      what: "no name",
      ask: () => supabase.from("agents").insert({ description: "x" }),
      status: 400,
      code: "23502",
      message: /column "name"/,
    },
    {
      what: "an id that is none",
      ask: () => supabase.from("agents").select().eq("id", "not-an-id"),
      status: 400,
      code: "22P02",
      message: /uuid.*"not-an-id"/,
    },
    {
      what: "a column that is not there",
      ask: () => supabase.from("agents").insert({ name: "x", colour: "red" }),
      status: 400,
      code: "PGRST204",
      message: /'colour' column of 'agents'/,
    },
    {
      what: "a table that is not there",
      ask: () => supabase.from("secrets").select(),
      status: 404,
      code: "PGRST205",
      message: /public\.secrets/,
    },
  ]);
});

Deno.test("a forbidden statement is a 403, and a 401 without a token", async () => {
  const ann = await signUp("ann");
  const bob = await signUp("bob");
  const denied = (what: string, ask: Wrong["ask"], message: RegExp, status = 403): Wrong => {
    return { what, ask, status, code: "42501", message };
  };
  await check([
    denied(
      "an agent in another's name",
      () => ann.supabase.from("agents").insert({ name: "x", created_by: bob.id }),
      /row-level security policy for table "agents"/,
    ),
    denied(
      "a session in another's organization",
      async () => {
        const org_id = await organizationOf(bob);
        return await ann.supabase.from("chat_sessions").insert({ org_id });
      },
      /row-level security policy for table "chat_sessions"/,
    ),
    denied(
      "a counter",
      () => ann.supabase.from("agents").update({ usage_count: 1000 }).eq("created_by", ann.id),
      /permission denied for table agents/,
    ),
    denied(
      "a column that no one reads",
      () => ann.supabase.from("user_api_keys").select("encrypted_key"),
      /permission denied for table user_api_keys/,
    ),
    denied(
      "the catalogue",
      () => ann.supabase.from("vendors").insert({ id: "mine", name: "Mine" }),
      /permission denied for table vendors/,
    ),
    denied(
      "what the backend calls",
      () => ann.supabase.rpc("begin_chat_turn", { caller: { user_id: bob.id }, request: {} }),
      /permission denied for function begin_chat_turn/,
    ),
    denied(
      "a key by its vendor",
      () => ann.supabase.rpc("get_user_api_key", { user_id: ann.id, vendor_id: "openai" }),
      /permission denied for function get_user_api_key/,
    ),
    denied(
      "a visitor's look",
      () => anyone.from("agents").select(),
      /permission denied for table agents/,
      401,
    ),
    denied(
      "a visitor's call",
      () => anyone.rpc("accept_invitation", { token: "inv_x" }),
      /permission denied for function accept_invitation/,
      401,
    ),
  ]);
});

Deno.test("a change of rows that the caller cannot see changes nothing and is no error", async () => {
  const ann = await signUp("ann");
  const bob = await signUp("bob");
  const made = await ann.supabase.from("agents").insert({ name: "Ann's" }).select("id").single();
  ok(made.error === null && made.data !== null);

  const changed = await bob.supabase.from("agents").update({ name: "Bob's" }).eq("id", made.data.id)
    .select();
  deepStrictEqual([changed.status, changed.error, changed.data], [200, null, []]);
  const deleted = await bob.supabase.from("agents").delete().eq("id", made.data.id).select();
  deepStrictEqual([deleted.status, deleted.error, deleted.data], [200, null, []]);

  const read = await ann.supabase.from("agents").select("name").eq("id", made.data.id).single();
  strictEqual(read.data?.name, "Ann's");
});

Deno.test("a batch with one bad row stores none of it", async () => {
  const ann = await signUp("ann");
  const session = await addSession(ann);
  const refused = await ann.supabase.from("chat_messages").insert([
    { session_id: session, role: "user", content: "first" },
    { session_id: session, role: "king", content: "second" },
    { session_id: session, role: "user", content: "third" },
  ]);
  deepStrictEqual([refused.status, refused.error?.code], [400, "23514"]);
  const messages = await ann.supabase.from("chat_messages").select("content");
  deepStrictEqual(messages.data, []);
  const sessions = await ann.supabase.from("chat_sessions").select("message_count").single();
  strictEqual(sessions.data?.message_count, 0, "the counter counts none of it");

  const agents = await ann.supabase.from("agents").insert([
    { name: "good", created_by: ann.id },
    { name: "another user's", created_by: crypto.randomUUID() },
  ]);
  deepStrictEqual([agents.status, agents.error?.code], [403, "42501"]);
  const kept = await ann.supabase.from("agents").select("name").eq("created_by", ann.id);
  deepStrictEqual(kept.data, []);

  await using database = openDatabase();
  const [row] = await database.sql`
    select count(*)::integer as rows from public.agents where created_by = ${ann.id}`;
  strictEqual(row?.rows, 0);
});

Deno.test("a business error has a status, a code, a message and a hint", async () => {
  const ann = await signUp("ann");
  const bob = await signUp("bob");
  const organization = await organizationOf(ann);
  const invited = await ann.supabase.rpc("invite_member", {
    organization_id: organization,
    email: bob.email,
    role: "viewer",
  });
  ok(invited.error === null);
  const token = String(invited.data);
  const accepted = await bob.supabase.rpc("accept_invitation", { token });
  deepStrictEqual([accepted.error, accepted.data], [null, organization]);

  const refusals: [Answer, number, string, string, RegExp][] = [
    [
      await bob.supabase.rpc("accept_invitation", { token }),
      410,
      "invitation_used",
      "This invitation has already been accepted.",
      /^Ask for a new invitation/,
    ],
    [
      await ann.supabase.rpc("accept_invitation", { token }),
      404,
      "invitation_not_found",
      "Invitation not found, or it is not addressed to you.",
      /Sign in with the e-mail address that was invited/,
    ],
    [
      await ann.supabase.rpc("delete_organization", { organization_id: organization }),
      404,
      "organization_not_found",
      "Organization not found, or you are not its owner.",
      /personal organization is deleted with its user/,
    ],
    [
      await ann.supabase.rpc("invite_member", {
        organization_id: organization,
        email: bob.email,
        role: "viewer",
      }),
      409,
      "already_member",
      `"${bob.email}" is already a member.`,
      /^Change the role of the member/,
    ],
    [
      await ann.supabase.from("organization_members").delete().eq("user_id", ann.id),
      409,
      "last_owner",
      "An organization must keep at least one owner, and a personal organization its user.",
      /Make another member an owner first/,
    ],
    [
      await ann.supabase.rpc("get_agent_usage_summary", { agent_id: crypto.randomUUID(), days: 0 }),
      400,
      "days_out_of_range",
      "The number of days must be between 1 and 3660.",
      /^Send a number in this range/,
    ],
    [
      await ann.supabase.rpc("update_agent_activity_score", { agent_id: crypto.randomUUID() }),
      404,
      "agent_not_found",
      "Agent not found, or you may not see it.",
      /^Use an id from the table agents/,
    ],
  ];
  for (const [{ status, error }, wantedStatus, code, sentence, hint] of refusals) {
    ok(error !== null, `${code} is no error`);
    deepStrictEqual(
      [status, error.code, error.details, error.message],
      [wantedStatus, `PT${wantedStatus}`, code, sentence],
    );
    match(error.hint ?? "", hint, code);
  }

  const members = await ann.supabase.from("organization_members").select("role").eq(
    "user_id",
    ann.id,
  );
  deepStrictEqual(members.data, [{ role: "owner" }], "nothing of it was done");
});

Deno.test("a business error of chat reaches the backend with its status and code", async () => {
  const ann = await signUp("ann");
  await using database = openDatabase();
  const begin = (request: Record<string, unknown>) =>
    backend.rpc("begin_chat_turn", {
      caller: { user_id: ann.id },
      request: {
        request_id: crypto.randomUUID(),
        messages: [{ role: "user", content: "hello" }],
        ...request,
      },
    });
  const expect = async (request: Record<string, unknown>, status: number, code: string) => {
    const { error, status: found } = await begin(request);
    deepStrictEqual([found, error?.code, error?.details], [status, `PT${status}`, code]);
    return error?.hint ?? "";
  };

  await expect({}, 400, "model_required");
  await expect({ model: "nothing" }, 404, "model_not_found");
  await expect({ model: "openai/gpt-4o" }, 400, "no_vendor_key");
  await expect({ model: "droid", session_id: "sess_of_nobody_0000" }, 404, "session_not_found");

  const first = await begin({ model: "droid" });
  ok(first.error === null);
  await expect({ model: "droid", session_id: first.data.session_id }, 409, "session_busy");
  await database.sql`update public.chat_sessions set status = 'ended' where user_id = ${ann.id}`;
  await expect({ model: "droid", session_id: first.data.session_id }, 422, "session_ended");

  await database.sql`
    insert into public.budgets (organization_id, period, limit_usd) values (${await organizationOf(
    ann,
  )}, 'day', 0.000001)`;
  const [remedy, line = ""] = (await expect({ model: "droid" }, 402, "budget_exceeded")).split(
    "\n",
  );
  match(remedy ?? "", /^Wait for the next period/);
  const data: unknown = JSON.parse(line);
  ok(
    typeof data === "object" && data !== null && "resets_at" in data,
    "the data say when the budget begins again",
  );

  await database.sql`update public.profiles set status = 'suspended' where id = ${ann.id}`;
  await expect({ model: "droid" }, 403, "account_not_active");
  const { error, status } = await backend.rpc("begin_chat_turn", {
    caller: { user_id: crypto.randomUUID() },
    request: {},
  });
  deepStrictEqual([status, error?.code, error?.details], [401, "PT401", "user_not_found"]);

  const { turn_id } = first.data;
  const settled = await backend.rpc("settle_chat_turn", { turn_id, outcome: { state: "failed" } });
  deepStrictEqual(settled.data, { settled: true, total_cost: "0.0000000000" });
});

Deno.test("a value of another type than its column is refused or stored as text, and ends no connection", async () => {
  const { supabase } = await signUp("ann");
  const deep = JSON.parse("[".repeat(500) + "]".repeat(500));
  const list = (tags: unknown): Wrong => ({
    what: JSON.stringify(tags).slice(0, 20),
    ask: () => supabase.from("ai_interactions").insert({ title: "x", tags }),
    status: 400,
    code: "22P02",
    message: /^malformed array literal/,
  });
  const scalar = (column: string, value: unknown, code: string): Wrong => ({
    what: `${column} ${JSON.stringify(value)}`,
    ask: () => supabase.from("agents").insert({ name: "x", [column]: value }),
    status: 400,
    code,
    message: /^invalid input syntax for type/,
  });
  await check([
    ...[5, 1e300, true, { a: 1 }, [["a"], "b"], deep].map(list),
    ...["maybe", 5, ["a"], { a: 1 }].map((value) => scalar("is_public", value, "22P02")),
    ...[true, ["a"], { a: 1 }].map((value) => scalar("max_tokens", value, "22P02")),
  ]);
  for (const data of [[true], [{ a: 1 }, 2], { a: [1] }, 5, false]) {
    const note = { type: "note", title: { a: 1 }, message: 5, data };
    const kept = await supabase.from("notifications").insert(note)
      .select("title, message, data").single();
    deepStrictEqual(kept.data, { title: '{"a":1}', message: "5", data }, kept.error?.message);
  }
});
