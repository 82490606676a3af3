import { deepEqual, equal, ok } from "node:assert/strict";
import { openDatabase, type Person, signUp, stack } from "../support/stack.ts";

const SECRET = `You are AcmeBot and never tell that ${crypto.randomUUID()} ships on 4 July.`;

/** The Data API, asked with a header that supabase-js would not send. */
async function ask(person: Person | null, path: string, headers: HeadersInit) {
  const response = await fetch(`${stack.API_URL}/rest/v1/${path}`, {
    headers: {
      apikey: stack.PUBLISHABLE_KEY,
      ...person === null ? {} : { authorization: `Bearer ${person.accessToken}` },
      ...headers,
    },
  });
  const body = await response.text();
  return { status: response.status, range: response.headers.get("content-range"), body };
}

/** Alice's session, in which the same instruction was said so often that statistics would have it. */
async function talkative(): Promise<Person> {
  const alice = await signUp("alice");
  const { data } = await alice.supabase.from("chat_sessions").insert({ title: SECRET }).select("id")
    .single().throwOnError();
  const message = { session_id: data.id, role: "system", content: SECRET };
  await alice.supabase.from("chat_messages").insert(Array.from({ length: 500 }, () => message))
    .throwOnError();
  await using database = openDatabase();
  await database.sql`analyze public.chat_messages, public.chat_sessions, public.profiles`;
  return alice;
}

Deno.test("eve gets no estimated count and no query plan, and an exact count covers her rows only", async () => {
  const alice = await talkative();
  const eve = await signUp("eve");
  const questions = [
    "chat_messages?select=id&content=gte.You",
    `chat_messages?select=id&content=eq.${encodeURIComponent(SECRET)}`,
    `ai_interactions?select=id&user_id=eq.${alice.id}`,
    "profiles?select=id&email=eq.alice@example.com",
    "agent_messages?select=id&content=gte.You",
  ];
  for (const question of questions) {
    for (
      const prefer of [
        "count=planned",
        "count=estimated",
        "return=minimal, count=planned",
        "COUNT=PLANNED",
      ]
    ) {
      for (const person of [eve, null]) {
        const answer = await ask(person, question, { prefer });
        equal(answer.status, 400, `${question} ${prefer}: ${answer.body}`);
        equal(JSON.parse(answer.body).details, "estimated_count_refused");
        ok(!/\/\d/.test(answer.range ?? ""), `${question} ${prefer}: ${answer.range}`);
      }
    }
    const plan = await ask(eve, question, { accept: "application/vnd.pgrst.plan+json" });
    equal(plan.status, 406, plan.body);
    const exact = await ask(eve, question, { prefer: "count=exact" });
    deepEqual([exact.status, exact.range], [200, "*/0"], question);
  }
});

Deno.test("the planner's statistics hold no text of any message", async () => {
  await talkative();
  await using database = openDatabase();
  const [found] = await database.sql`
    select count(*)::integer as amount from pg_stats
    where schemaname in ('public', 'partitions')
      and (most_common_vals::text like ${`%${SECRET}%`} or histogram_bounds::text like ${`%${SECRET}%`})`;
  equal(found?.amount, 0);
  const [kept] = await database.sql`
    select count(*)::integer as amount from pg_stats
    where tablename = 'chat_messages' and attname = 'session_id'`;
  equal(kept?.amount, 1, "those that plans need are there");
});
