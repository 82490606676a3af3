import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import postgres from "postgres";
import {
  addAgent,
  addVendor,
  costOf,
  dollars,
  type FaultVendor,
  removeVendor,
} from "./support/fault_vendor.ts";
import { eventually, signUp, stack } from "./support/stack.ts";

/** The tokens that a call reserves for its answer. */
const MAX_TOKENS = 500;

Deno.test("200 calls at once reserve no more than the budget", async () => {
  await using race = await prepare();
  // Enough for 23 and a half calls.
  const amount = await race.amount();
  const limit = amount * 23n + amount / 2n;
  await race.setBudgets(limit);

  const watch = race.watchBudgets(limit);
  const turns = await race.beginAll(200);
  await watch.stop();
  strictEqual(turns.length, 23);
  for (const budget of await race.budgets()) {
    strictEqual(budget.spent, 0n);
    strictEqual(budget.reserved, amount * 23n, "what is reserved is 23 times what one call is");
  }

  // Every answer uses less than was reserved, so spending stays below the limit.
  const usages = turns.map((_, index) => ({ input_tokens: 3, output_tokens: 1 + index * 7 }));
  await Promise.all(turns.map((turn, index) => race.settle(turn, usages[index])));
  const spent = usages.map(costOf).reduce((sum, cost) => sum + cost, 0n);
  for (const budget of await race.budgets()) deepStrictEqual(budget, { spent, reserved: 0n });
  strictEqual(await race.reservations(), 0);
  deepStrictEqual(await race.disagreements(), []);
});

Deno.test("200 calls at once without a token limit get limits that keep them within the budget", async () => {
  await using race = await prepare();
  const limit = dollars("1.0000000000");
  await race.setBudgets(limit);
  const watch = race.watchBudgets(limit);
  const limits = new Map<string, number>();
  const turns = await race.beginAll(200, undefined, { limits });
  await watch.stop();
  ok(turns.length > 10 && turns.length < 200, `${turns.length} had room`);
  const lengths = turns.map((turn) => limits.get(turn) ?? NaN).toSorted((a, b) => a - b);
  ok(lengths.every((length) => length >= 1024), `${lengths}`);
  ok(lengths.at(-1)! > lengths[0]!, "who comes late is given less");

  // Each answer has the maximum length, so it uses all that was reserved.
  const usages = turns.map((turn) => ({ input_tokens: 3, output_tokens: limits.get(turn)! }));
  await Promise.all(turns.map((turn, index) => race.settle(turn, usages[index])));
  const spent = usages.map(costOf).reduce((sum, cost) => sum + cost, 0n);
  ok(spent > limit * 8n / 10n, "nearly all of it is used");
  ok(spent <= limit, `${spent} spent of ${limit}`);
  for (const budget of await race.budgets()) deepStrictEqual(budget, { spent, reserved: 0n });
  strictEqual(await race.reservations(), 0);
  deepStrictEqual(await race.disagreements(), []);
});

Deno.test("calls without a token limit that begin and end at once never exceed the budget", async () => {
  await using race = await prepare();
  const limit = dollars("1.0000000000");
  await race.setBudgets(limit);
  const watch = race.watchBudgets(limit);
  const limits = new Map<string, number>();
  let spent = 0n;
  await race.beginAll(200, async (turn, index) => {
    const usage = { input_tokens: 3, output_tokens: index % 3 === 0 ? 7 : limits.get(turn)! };
    spent += costOf(usage);
    await race.settle(turn, usage);
  }, { limits });
  await watch.stop();
  ok(spent > limit / 2n && spent <= limit, `${spent} spent of ${limit}`);
  for (const budget of await race.budgets()) deepStrictEqual(budget, { spent, reserved: 0n });
  deepStrictEqual(await race.disagreements(), []);
});

Deno.test("calls that begin and end at once exceed the budget by no more than their answers exceeded their limits", async () => {
  await using race = await prepare();
  const amount = await race.amount();
  const limit = amount * 24n;
  await race.setBudgets(limit);

  // One answer in five is twice as long as the request allowed; every seventh call fails.
  let error = 0n;
  let spent = 0n;
  await race.beginAll(100, async (turn, index) => {
    if (index % 7 === 3) return await race.settle(turn, null);
    const length = index % 5 === 0 ? MAX_TOKENS * 2 : MAX_TOKENS / 2;
    const usage = { input_tokens: 20, output_tokens: length };
    const cost = costOf(usage);
    spent += cost;
    if (cost > amount) error += cost - amount;
    await race.settle(turn, usage);
  });
  ok(spent > limit / 2n, "the race must come near the limit to show anything");
  for (const budget of await race.budgets()) {
    deepStrictEqual(budget, { spent, reserved: 0n });
    ok(budget.spent <= limit + error, `${budget.spent} spent of ${limit}, error ${error}`);
  }
  strictEqual(await race.reservations(), 0);
  deepStrictEqual(await race.disagreements(), []);
});

Deno.test("programs that share an access key exceed its budget by no more than their answers exceeded their limits", async () => {
  await using race = await prepare({ byKey: true });
  const amount = await race.amount();
  // The key's own budget is the smallest of all: enough for 9 and a half calls.
  const limit = amount * 9n + amount / 2n;
  await race.setBudgets(amount * 100n, limit);
  const watch = race.watchBudgets(amount * 100n);
  const turns = await race.beginAll(120);
  await watch.stop();
  strictEqual(turns.length, 9);
  deepStrictEqual(await race.keyBudget(), { spent: 0n, reserved: amount * 9n });

  // One answer is longer than the request allowed; further calls are made during the settlements.
  const usages = turns.map((_, index) => ({
    input_tokens: 3,
    output_tokens: index === 4 ? MAX_TOKENS * 2 : 1 + index * 7,
  }));
  const [late] = await Promise.all([
    race.beginAll(30),
    ...turns.map((turn, index) => race.settle(turn, usages[index])),
  ]);
  const spent = usages.map(costOf).reduce((sum, cost) => sum + cost, 0n);
  deepStrictEqual(await race.keyBudget(), { spent, reserved: amount * BigInt(late.length) });
  const error = costOf(usages[4]!) - amount;
  ok(error > 0n && spent + amount * BigInt(late.length) <= limit + error);
  await Promise.all(late.map((turn) => race.settle(turn, null)));
  deepStrictEqual(await race.keyBudget(), { spent, reserved: 0n });
  strictEqual(await race.reservations(), 0);
  deepStrictEqual(await race.disagreements(), []);
});

Deno.test("one answer beyond its limit exceeds the budget by that excess, and no further call begins", async () => {
  await using race = await prepare();
  const amount = await race.amount();
  await race.setBudgets(amount);
  const [turn, ...others] = await race.beginAll(20);
  ok(turn);
  deepStrictEqual(others, []);
  const usage = { input_tokens: 20, output_tokens: MAX_TOKENS * 3 };
  await race.settle(turn, usage);
  for (const budget of await race.budgets()) strictEqual(budget.spent, costOf(usage));
  deepStrictEqual(await race.beginAll(5), []);
});

Deno.test("the sweep charges turns that were never settled, also while other turns settle", async () => {
  await using race = await prepare();
  const amount = await race.amount();
  await race.setBudgets(amount * 60n);
  const turns = await race.beginAll(60);
  strictEqual(turns.length, 60);
  const abandoned = turns.filter((_, index) => index % 3 === 0);
  await race.expire(abandoned);

  // Turns whose lease has expired are settled late by some, while two sweeps run at once.
  const usage = { input_tokens: 11, output_tokens: 13, cached_input_tokens: 7 };
  await Promise.all([
    race.sweep(),
    ...turns.filter((_, index) => index % 3 !== 1).map((turn) => race.settle(turn, usage)),
    race.sweep(),
    ...turns.filter((_, index) => index % 3 === 1).map((turn) => race.settle(turn, usage)),
  ]);
  // The job sweeps, too, and a sweep skips the turn that another one is settling.
  const ledger = await eventually(async () => {
    await race.sweep();
    return await race.ledger();
  }, ({ running }) => running === 0);
  // Swept turns are charged what they may have used: each the same, and no more than was reserved.
  const swept = BigInt(60 - ledger.succeeded);
  const lost = ledger.cost - costOf(usage) * BigInt(ledger.succeeded);
  ok(
    lost <= swept * amount && (swept === 0n ? lost === 0n : lost > 0n && lost % swept === 0n),
    `${lost}`,
  );
  ok(ledger.succeeded >= 40 && ledger.succeeded <= 60, `${ledger.succeeded} were settled`);
  for (const budget of await race.budgets()) {
    deepStrictEqual(budget, { spent: ledger.cost, reserved: 0n });
  }
  strictEqual(await race.reservations(), 0);
  deepStrictEqual(await race.disagreements(), []);
});

for (const first of ["the turn", "the budget"] as const) {
  Deno.test(`a budget that is set while a turn is settled counts it, when ${first} comes first`, async () => {
    await using race = await prepare();
    const [turn] = await race.beginAll(1);
    ok(turn);
    const usage = { input_tokens: 1000, output_tokens: 100 };
    const [settling, setting] = [race.settling(turn, usage), race.settingBudget()];
    if (first === "the turn") await race.cross(settling, setting);
    else await race.cross(setting, settling);
    deepStrictEqual(await race.budgets(), [{ spent: costOf(usage), reserved: 0n }]);
    deepStrictEqual(await race.disagreements(), []);
  });
}

// The race ---------------------------------------------------------------------

interface Budget {
  spent: bigint;
  reserved: bigint;
}

type Usage = Parameters<typeof costOf>[0];

type Step = (transaction: postgres.TransactionSql) => Promise<unknown>;

/**
 * A new organization with two people, a vendor and an agent, so that no one else spends here. The
 * calls are made by both people, or with one access key.
 */
async function prepare({ byKey = false } = {}) {
  const sql = postgres(stack.DB_URL, { max: 16, onnotice: () => {} });
  const people = await Promise.all([signUp("race"), signUp("race")]);
  const ids = people.map(({ id }) => id);
  const vendor: FaultVendor = await addVendor(
    sql,
    `race_${crypto.randomUUID().slice(0, 8)}`,
    "http://127.0.0.1:1/v1",
  );
  // The ledger locks an agent's row, so only calls to different agents compete for the budgets
  // alone.
  const more = () => addAgent(sql, vendor.vendor, vendor.service);
  const agents = [vendor.agent, await more(), await more(), await more()];
  const slug = `race-${crypto.randomUUID()}`;
  const [organization] = await sql<{ id: string }[]>`
    insert into public.organizations (name, slug, created_by) values ('Race', ${slug}, ${ids[0]!})
    returning id`;
  ok(organization);
  await sql`
    insert into public.organization_members (organization_id, user_id, role)
    select ${organization.id}, person, 'owner' from unnest(${ids}::uuid[]) person
    on conflict do nothing`;
  await sql`
    update public.profiles set current_organization_id = ${organization.id} where id = any (${ids})`;

  const hash = `${crypto.randomUUID()}${crypto.randomUUID()}`.replaceAll("-", "");
  const [key] = await sql<{ id: string }[]>`
    insert into public.access_keys (organization_id, user_id, name, prefix, last_four)
    values (${organization.id}, ${ids[0]!}, 'Race', 'agb_race', 'race') returning id`;
  ok(key);
  await sql`
    insert into private.access_key_secrets (token_hash, access_key_id) values (${hash}, ${key.id})`;
  const callers = byKey ? [{ access_key: hash }] : ids.map((id) => ({ user_id: id }));

  const asService = <Result>(work: (transaction: postgres.TransactionSql) => Promise<Result>) =>
    sql.begin(async (transaction) => {
      await transaction`set local role service_role`;
      return await work(transaction);
    });

  /**
   * Begins a turn; null if the budget does not allow it.
   *
   * @param limits Receives the output limit given to the turn. Without it, the request sets the
   * limit.
   */
  async function begin(index: number, limits?: Map<string, number>): Promise<string | null> {
    const request = {
      request_id: `req_${crypto.randomUUID()}`,
      model: agents[index % agents.length]!.name,
      session_id: null,
      title: null,
      max_output_tokens: limits ? null : MAX_TOKENS,
      messages: [{ role: "user", content: "How much is the fish?" }],
    };
    try {
      return await asService(async (transaction) => {
        const [row] = await transaction<{ turn: string; max_output_tokens: number }[]>`
          select turn ->> 'turn_id' as turn, (turn ->> 'max_output_tokens')::int as max_output_tokens
          from public.begin_chat_turn(
            ${transaction.json(callers[index % callers.length]!)}, ${transaction.json(request)}
          ) as turn`;
        ok(row);
        limits?.set(row.turn, row.max_output_tokens);
        return row.turn;
      });
    } catch (error) {
      if (error instanceof postgres.PostgresError && error.code === "PT402") return null;
      throw error;
    }
  }

  async function budgets(): Promise<Budget[]> {
    const rows = await sql<{ spent: string; reserved: string }[]>`
      select spent_usd::text as spent, reserved_usd::text as reserved from public.budgets
      where organization_id = ${organization!.id}
        and user_id is null and agent_id is null and access_key_id is null`;
    return rows.map(({ spent, reserved }) => ({
      spent: dollars(spent),
      reserved: dollars(reserved),
    }));
  }

  function settling(turn: string, usage: Usage | null | undefined): Step {
    const outcome = usage
      ? {
        state: "succeeded",
        content: "Free.",
        finish_reason: "stop",
        usage: { ...usage },
        attempts: [],
      }
      : {
        state: "failed",
        error: { code: "upstream_error", message: "It failed." },
        attempts: [],
      };
    return (transaction) =>
      transaction`select public.settle_chat_turn(${turn}, ${transaction.json(outcome)})`;
  }

  return {
    budgets,
    /** The amount that a call reserves. */
    async amount(): Promise<bigint> {
      await sql`
        insert into public.budgets (organization_id, period, limit_usd)
        values (${organization.id}, 'total', 1000)`;
      const turn = await begin(0);
      ok(turn);
      const [row] = await sql<{ amount: string }[]>`
        select amount_usd::text as amount from public.budget_reservations
        where interaction_id = ${turn}`;
      ok(row);
      await sql`select public.settle_chat_turn(${turn}, '{"state": "failed"}')`;
      await sql`delete from public.budgets where organization_id = ${organization.id}`;
      return dollars(row.amount);
    },
    /**
     * Sets the same limit for the organization per day, month and in total and for the agent, and
     * twice that for each person.
     */
    async setBudgets(limit: bigint, keyLimit = limit): Promise<void> {
      const text = (value: bigint) =>
        `${value / 10n ** 10n}.${`${value % 10n ** 10n}`.padStart(10, "0")}`;
      await sql`
        insert into public.budgets (organization_id, agent_id, user_id, period, limit_usd)
        select ${organization.id}, agent::uuid, person::uuid, period, amount::numeric
        from (values
          (null, null, 'day', ${text(limit)}), (null, null, 'month', ${text(limit)}),
          (null, null, 'total', ${text(limit)}), (${vendor.agent.id}, null, 'month', ${
        text(limit)
      }),
          (null, ${ids[0]!}, 'day', ${text(limit * 2n)}), (null, ${ids[1]!}, 'day', ${
        text(limit * 2n)
      })
        ) as budgets (agent, person, period, amount)`;
      await sql`
        insert into public.budgets (organization_id, access_key_id, period, limit_usd)
        values (${organization.id}, ${key.id}, 'total', ${text(keyLimit)}::numeric)`;
    },
    /** The amounts that the access key has spent and reserved. */
    async keyBudget(): Promise<Budget> {
      const [row] = await sql<{ spent: string; reserved: string }[]>`
        select spent_usd::text as spent, reserved_usd::text as reserved from public.budgets
        where access_key_id = ${key.id}`;
      ok(row);
      return { spent: dollars(row.spent), reserved: dollars(row.reserved) };
    },
    /** Begins all calls at once. Returns the turns that the budgets allowed. */
    async beginAll(
      calls: number,
      then: (turn: string, index: number) => Promise<void> = async () => {},
      { limits }: { limits?: Map<string, number> } = {},
    ): Promise<string[]> {
      const turns = await Promise.all(Array.from({ length: calls }, async (_, index) => {
        const turn = await begin(index, limits);
        if (turn !== null) await then(turn, index);
        return turn;
      }));
      return turns.filter((turn) => turn !== null);
    },
    /** Polls the budgets: spent and reserved never exceed the limit. */
    watchBudgets(limit: bigint) {
      let watching = true;
      const watched = (async () => {
        let looks = 0;
        for (; watching; looks++) {
          for (const { spent, reserved } of await budgets()) {
            ok(spent + reserved <= limit, `${spent} spent and ${reserved} reserved of ${limit}`);
          }
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        ok(looks > 0);
      })();
      return {
        stop: () => {
          watching = false;
          return watched;
        },
      };
    },
    /** Settles a turn like the functions, which retry a transaction that a deadlock rolled back. */
    async settle(turn: string, usage: Usage | null | undefined): Promise<void> {
      for (;;) {
        try {
          return void await asService(settling(turn, usage));
        } catch (error) {
          if (!(error instanceof postgres.PostgresError && error.code === "40P01")) throw error;
        }
      }
    },
    settling,
    /** Sets a budget of the organization. */
    settingBudget: (): Step => (transaction) =>
      transaction`
        insert into public.budgets (organization_id, period, limit_usd)
        values (${organization.id}, 'total', 1000)`,
    /** Runs two steps, the second while the transaction of the first is still open. */
    async cross(first: Step, second: Step): Promise<void> {
      let isOver = false;
      let later: Promise<void> | undefined;
      await asService(async (transaction) => {
        await first(transaction);
        later = asService(second).then(() => void (isOver = true));
        const deadline = Date.now() + 60_000;
        while (!isOver && Date.now() < deadline) {
          const [row] = await sql`
            select from pg_locks where locktype = 'advisory' and not granted
              and database = (select oid from pg_database where datname = current_database())`;
          if (row) break;
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      });
      await later;
    },
    async expire(turns: string[]): Promise<void> {
      await sql`
        update private.running_turns set lease_expires_at = now() - interval '1 second'
        where id = any (${turns}::uuid[])`;
    },
    async sweep(): Promise<void> {
      await asService((transaction) => transaction`select public.sweep_chat_turns()`);
    },
    async reservations(): Promise<number> {
      const [row] = await sql<{ count: number }[]>`
        select count(*)::int as count from public.budget_reservations reservations
        join public.budgets on budgets.id = reservations.budget_id
        where budgets.organization_id = ${organization.id}`;
      return row?.count ?? -1;
    },
    /** Budgets of any scope whose spending differs from the ledger. */
    async disagreements(): Promise<object[]> {
      return [
        ...await sql<object[]>`
        select budgets.period, budgets.user_id, budgets.agent_id, budgets.spent_usd, budgets.reserved_usd
        from public.budgets
        where budgets.organization_id = ${organization.id}
          and (budgets.reserved_usd <> 0 or budgets.spent_usd <> (
            select coalesce(sum(turns.total_cost), 0) from public.ai_interactions turns
            where turns.organization_id = budgets.organization_id
              and turns.user_id = coalesce(budgets.user_id, turns.user_id)
              and turns.agent_id = coalesce(budgets.agent_id, turns.agent_id)
              and (budgets.access_key_id is null or turns.access_key_id = budgets.access_key_id)
          ))`,
      ];
    },
    async ledger(): Promise<{ running: number; succeeded: number; cost: bigint }> {
      const [row] = await sql<{ running: number; succeeded: number; cost: string }[]>`
        select (
            select count(*)::int from private.running_turns where organization_id = ${organization.id}
          ) as running,
          count(*) filter (where turn_state = 'succeeded')::int as succeeded,
          sum(total_cost)::text as cost
        from public.ai_interactions where organization_id = ${organization.id}`;
      ok(row);
      return { ...row, cost: dollars(row.cost) };
    },
    async [Symbol.asyncDispose]() {
      await sql`delete from public.ai_interactions where organization_id = ${organization.id}`;
      await removeVendor(sql, vendor);
      await sql.end();
    },
  };
}
