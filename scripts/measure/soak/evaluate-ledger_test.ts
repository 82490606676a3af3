import { deepEqual } from "node:assert/strict";
import postgres from "postgres";
import { applyMigrations } from "../../stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import { evaluateLedger } from "./evaluate-ledger.ts";

const alice = "00000000-0000-4000-8000-00000000000a";

/** Usage of one question and its answer. */
const usage = { input_tokens: 10, output_tokens: 5 };

/** One turn of each ending that says something about its attempt. */
const endings = {
  answered: {
    outcome: { state: "succeeded", content: "Hello.", usage },
    attempt: { status: "succeeded" },
  },
  cut: {
    outcome: { state: "partial", content: "Hel", usage, error: { code: "upstream_error" } },
    attempt: { status: "failed", error_code: "upstream_error" },
  },
  refused: {
    outcome: { state: "failed", error: { code: "upstream_error" } },
    attempt: { status: "failed", error_code: "upstream_error" },
  },
  left: {
    outcome: { state: "partial", content: "He", usage, error: { code: "client_disconnected" } },
    attempt: { status: "succeeded" },
  },
} as const;

type Ending = keyof typeof endings;

const sums = "a turn has the tokens of its attempts and their cost";
const price = "an attempt costs its tokens at its price";
const answer = "an answer has the tokens of the attempt that gave it";

/** What is done to the attempt of a turn, and the promises that it breaks. */
const damages: [turn: Ending, damage: string, promises: string[]][] = [
  ["answered", "status = 'failed'", ["a turn that ended well has an attempt that did"]],
  ["cut", "status = 'succeeded'", [
    "a turn that failed upstream has no attempt that ended well",
  ]],
  ["refused", "status = 'succeeded'", [
    "a turn that failed upstream has no attempt that ended well",
  ]],
  ["answered", "total_cost = total_cost + 0.000001", [price, sums]],
  ["answered", "output_tokens = output_tokens + 1", [price, sums, answer]],
  ["refused", "total_cost = 1", [price, sums]],
];

/** Has a turn begun and settled; its id. */
async function takeTurn(
  sql: postgres.Sql,
  { outcome, attempt }: typeof endings[Ending],
): Promise<string> {
  const request = {
    request_id: crypto.randomUUID(),
    model: "gpt-4o",
    messages: [{ role: "user", content: "Hello?" }],
  };
  const [begun] = await sql<{ id: string }[]>`
    select public.begin_chat_turn(${sql.json({ user_id: alice })}, ${sql.json(request)})
      ->> 'turn_id' as id`;
  const id = begun?.id ?? "";
  const attempts = [{ attempt: 1, started_at: new Date().toISOString(), ...attempt }];
  await sql`
    select public.settle_chat_turn(${id}, ${
    sql.json({ ...outcome, attempts })
  } || jsonb_build_object(
      'vendor_id', vendor_id, 'service_id', service_id
    )) from private.running_turns where id = ${id}`;
  return id;
}

/** The promises that a ledger breaks. */
async function brokenIn(sql: postgres.Sql): Promise<string[]> {
  return (await evaluateLedger(sql)).filter(({ broken }) => broken > 0).map(({ name }) => name);
}

Deno.test("an attempt that contradicts its turn is reported, and one whose client disconnected is not", async () => {
  const database = await startTemporaryDatabase();
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    await applyMigrations({ url: database.url, seed: true });
    const ids = new Map<string, string>();
    for (const [name, ending] of Object.entries(endings)) {
      ids.set(name, await takeTurn(sql, ending));
    }
    deepEqual(await brokenIn(sql), []);

    for (const [turn, damage, promises] of damages) {
      const id = ids.get(turn) ?? "";
      await sql`begin`;
      await sql.unsafe(`
        update public.agent_executions set ${damage} where interaction_id = '${id}'`);
      deepEqual(await brokenIn(sql), promises, `${turn}: ${damage}`);
      await sql`rollback`;
    }
  } finally {
    await sql.end();
    await database.stop();
  }
});
