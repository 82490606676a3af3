import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import postgres from "postgres";
import { applyMigrations } from "../../../scripts/stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../../scripts/stack/postgres/temporary-database.ts";

/** What is read of the ledger day by day, on a real Postgres, beside a plain model of it. */

const MINUTE = 60_000;

const people = ["00000000-0000-4000-8000-0000000000a1", "00000000-0000-4000-8000-0000000000a2"];
const organizations = [
  "00000000-0000-4000-8000-0000000000b1",
  "00000000-0000-4000-8000-0000000000b2",
];
const agents = ["00000000-0000-4000-8000-0000000000c1", "00000000-0000-4000-8000-0000000000c2"];

/** Clocks that differ by more than a day, and one that was changed within the last weeks or will be. */
const timeZones = ["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "America/New_York"];

/** Ages in minutes, on both sides of what makes a change late, of what is counted and of what is kept. */
// Few, so that rows share a quarter of an hour.
const oldAges = [90_000, 92_000];
const ages = [-60, 0, 10, 19, 21, 29, 31, 45, 180, 1_440, 2_000, 4_320, 50_400, ...oldAges];

/** The service whose price decides the cost of a turn. */
const service = "usage_rollups_test";

interface Row {
  id: string;
  isTurn: boolean;
  organization: number;
  agent: number;
  startedAt: number;
  /** In tenths of a dollar; null if no price is known. */
  cost: bigint | null;
  tokens: number;
  rating: number | null;
  isDeleted: boolean;
  /** Retention removed it from the ledger. */
  isRemoved: boolean;
  /** Its contribution to the figures when it was last archived. */
  archived: string | null;
}

interface Model {
  rows: Row[];
  zones: string[];
}

interface Ledger extends AsyncDisposable {
  /** Connection of the superuser. */
  admin: postgres.Sql;
  /** Two connections of the backend. */
  sessions: [postgres.Sql, postgres.Sql];
  empty(): Promise<void>;
}

async function startLedger(): Promise<Ledger> {
  const database = await startTemporaryDatabase();
  await applyMigrations({ url: database.url });
  const connect = (url: string) => postgres(url, { max: 1, onnotice: () => {} });
  const admin = connect(database.adminUrl);
  const sessions: Ledger["sessions"] = [connect(database.url), connect(database.url)];
  for (const id of people) {
    await admin`insert into auth.users (id, email) values (${id}, ${id + "@example.com"})`;
  }
  for (const session of sessions) await session`set role service_role`;
  await admin`update public.plans set interaction_days = 62`;
  await admin`
    insert into public.vendor_services (id, vendor_id, service_name, display_name)
    values (${service}, 'openai', ${service}, 'Counted')`;
  await admin`
    insert into public.service_prices (service_id, valid_during)
    values (${service}, '[1990-01-01Z,1990-01-02Z)')`;
  await admin`create table private.kept_by_test (like public.ai_interactions, primary key (id))`;
  return {
    admin,
    sessions,
    async empty() {
      await admin`delete from public.organizations where id in ${admin(organizations)}`;
      await admin`delete from public.agents where id in ${admin(agents)}`;
      await admin`truncate private.kept_by_test`;
      await forget(admin);
      for (const id of organizations) {
        await admin`
          insert into public.organizations (id, name, slug, timezone, created_by)
          values (${id}, 'Counted', ${"counted-" + id}, 'UTC', ${people[0]!})`;
      }
      for (const id of agents) {
        await admin`insert into public.agents (id, name, created_by) values (${id}, 'Counted', ${people[
          0
        ]!})`;
      }
    },
    async [Symbol.asyncDispose]() {
      for (const session of [admin, ...sessions]) await session.end();
      await database.stop();
    },
  };
}

/** Resets the rollup, as if nothing had been counted. */
async function forget(admin: postgres.Sql): Promise<void> {
  await admin.begin(async (transaction) => {
    await transaction`delete from public.usage_daily_rollup`;
    await transaction`delete from public.usage_agent_rollup`;
    await transaction`delete from public.usage_deltas`;
    await transaction`update public.usage_calendars set rolled_up_until = 'infinity'`;
    await transaction`
      update private.usage_watermark
      set rolled_up_until = '-infinity', next_until = null, next_transaction = null`;
  });
}

/** All commands, for rows of these ages. `retention` is the weight of archiving and retention. */
function steps(ages: readonly number[], retention: number): fc.Arbitrary<Command> {
  const row = fc.nat(40);
  const age = fc.constantFrom(...ages);
  const cost = fc.option(fc.nat(99));
  const weighted = (weight: number, arbitrary: fc.Arbitrary<Command>) => ({ weight, arbitrary });
  return fc.oneof(
    weighted(
      6,
      fc.tuple(fc.nat(1), fc.nat(1), age, cost, fc.nat(50), fc.boolean()).map((values) =>
        insert(...values)
      ),
    ),
    weighted(3, fc.tuple(row, fc.integer({ min: 1, max: 5 })).map(rate)),
    weighted(2, fc.tuple(row, cost).map(changeCost)),
    weighted(2, fc.tuple(cost, age).map(reprice)),
    weighted(2, fc.tuple(row, fc.boolean()).map(mark)),
    weighted(2, fc.tuple(row, age).map(move)),
    weighted(1, row.map(remove)),
    weighted(2 * retention, fc.constant(archive())),
    weighted(2 * retention, fc.constantFrom(1, 2, 1_000).map(retire)),
    weighted(retention, fc.constant(restore())),
    weighted(2, fc.tuple(fc.nat(1), fc.constantFrom(...timeZones)).map(changeTimeZone)),
    weighted(4, fc.constantFrom(1, 2, 1_000).map(refresh)),
    weighted(1, fc.constant(refreshTwice())),
    weighted(2, age.map(countDay)),
    weighted(1, fc.constant(forgetAll())),
  );
}

const histories = [
  ["what is read equals the ledger after any events in any order", steps(ages, 1)],
  [
    "what retention removes and an archive brings back changes no figure, whatever else happens",
    steps(oldAges, 4),
  ],
] as const;

for (const [name, step] of histories) {
  Deno.test(name, async () => {
    await using ledger = await startLedger();
    // The first run ends however slow the machine is: fast-check would fail one that it interrupts.
    const [until, runs] = [performance.now() + 12_000, { begun: 0 }];
    await fc.assert(
      fc.asyncProperty(fc.commands([step], { maxCommands: 30, size: "max" }), async (commands) => {
        if (runs.begun++ > 0 && performance.now() > until) return;
        await ledger.empty();
        const model: Model = { rows: [], zones: ["UTC", "UTC"] };
        await fc.asyncModelRun(() => ({ model, real: ledger }), commands);
      }),
      { numRuns: 30 },
    );
  });
}

Deno.test("a late change is neither lost nor read before it is committed", async () => {
  await using ledger = await startLedger();
  await ledger.empty();
  const { sessions: [writer, counter] } = ledger;
  const model: Model = { rows: [], zones: ["UTC", "UTC"] };
  await insert(0, 0, 180, 5, 1, false).run(model, ledger);
  for (const ending of ["commit", "rollback"] as const) {
    await writer.begin(async (transaction) => {
      await transaction`
        update public.ai_interactions set satisfaction_rating = 3
        where organization_id = ${organizations[0]!}`;
      await counter`select public.refresh_daily_usage()`;
      await isAsModelled(model, ledger, counter);
      if (ending === "rollback") throw new Error("rolled back");
    }).catch((error) => equal(error.message, "rolled back"));
    if (ending === "commit") model.rows[0]!.rating = 3;
    await isAsModelled(model, ledger);
    await counter`select public.refresh_daily_usage()`;
    await isAsModelled(model, ledger);
    await ledger.admin`update public.ai_interactions set satisfaction_rating = null`;
    model.rows[0]!.rating = null;
  }
});

Deno.test("rows are not counted while an older transaction may still write them without a delta", async () => {
  await using ledger = await startLedger();
  await ledger.empty();
  const { sessions: [writer, counter] } = ledger;
  const counted = async () => {
    const [row] = await ledger.admin<{ until: string }[]>`
      select rolled_up_until::text as until from private.usage_watermark`;
    return row?.until;
  };
  await writer.begin(async (transaction) => {
    await transaction`
      insert into public.ai_interactions (organization_id, title) values (${organizations[
      0
    ]!}, 'x')`;
    await counter`select public.refresh_daily_usage()`;
    equal(await counted(), "-infinity");
    await counter`select public.refresh_daily_usage()`;
    equal(await counted(), "-infinity");
  });
  await counter`select public.refresh_daily_usage()`;
  ok(await counted() !== "-infinity");
});

// Commands ---------------------------------------------------------------------

type Command = fc.AsyncCommand<Model, Ledger>;

function command(
  name: string,
  run: (model: Model, ledger: Ledger) => Promise<void>,
): Command {
  return {
    check: () => true,
    toString: () => name,
    run: async (model, ledger) => {
      await run(model, ledger);
      await isAsModelled(model, ledger);
    },
  };
}

/** Changes one of the rows of the ledger, if there are any. */
function change(name: string, place: number, run: (row: Row, ledger: Ledger) => Promise<void>) {
  return command(`${name} row ${place}`, async (model, ledger) => {
    const rows = model.rows.filter(({ isRemoved }) => !isRemoved);
    const row = rows[place % Math.max(rows.length, 1)];
    if (row !== undefined) await run(row, ledger);
  });
}

function insert(
  organization: number,
  agent: number,
  age: number,
  cost: number | null,
  tokens: number,
  isTurn: boolean,
): Command {
  const name = `insert ${[organization, agent, age, cost, tokens, isTurn]}`;
  return command(name, async (model, ledger) => {
    const row: Row = {
      id: crypto.randomUUID(),
      isTurn,
      organization,
      agent,
      startedAt: Date.now() - age * MINUTE,
      cost: cost === null ? null : BigInt(cost),
      tokens,
      rating: null,
      isDeleted: false,
      isRemoved: false,
      archived: null,
    };
    await ledger.sessions[0]`
      insert into public.ai_interactions (
        id, organization_id, user_id, agent_id, title, started_at, total_cost, input_tokens,
        source, turn_state, service_id
      ) values (
        ${row.id}, ${organizations[organization]!}, ${people[agent]!}, ${agents[agent]!}, 'x',
        ${new Date(row.startedAt)}, ${dollars(row.cost)}::text::numeric, ${tokens},
        ${isTurn ? "chat" : "manual"}, ${isTurn ? "succeeded" : null}, ${isTurn ? service : null}
      )`;
    model.rows.push(row);
  });
}

function rate([place, rating]: [number, number]): Command {
  return change(`rate ${rating}`, place, async (row, { sessions }) => {
    await sessions[1]`
      update public.ai_interactions set satisfaction_rating = ${rating} where id = ${row.id}`;
    row.rating = rating;
  });
}

function changeCost([place, cost]: [number, number | null]): Command {
  return change(`change the cost to ${cost} of`, place, async (row, { sessions }) => {
    row.cost = cost === null ? null : BigInt(cost);
    await sessions[0]`
      update public.ai_interactions set total_cost = ${dollars(row.cost)}::text::numeric
      where id = ${row.id}`;
  });
}

function mark([place, isDeleted]: [number, boolean]): Command {
  return change(isDeleted ? "mark" : "bring back", place, async (row, { sessions }) => {
    if (row.isTurn) return;
    await sessions[0]`
      update public.ai_interactions set status = ${isDeleted ? "deleted" : "active"}
      where id = ${row.id}`;
    row.isDeleted = isDeleted;
  });
}

function move([place, age]: [number, number]): Command {
  return change(`move ${age}`, place, async (row, { sessions }) => {
    row.startedAt = Date.now() - age * MINUTE;
    await sessions[0]`
      update public.ai_interactions set started_at = ${new Date(row.startedAt)}
      where id = ${row.id}`;
  });
}

/** Reprices turns of up to a given age: with a price, or as unpriced if the price has ended. */
function reprice([tenths, age]: [number | null, number]): Command {
  return command(`price again at ${tenths} since ${age}`, async (model, { admin, sessions }) => {
    const cost = tenths === null ? null : BigInt(tenths);
    const since = Date.now() - age * MINUTE;
    // What turns were charged at is not deleted: the price holds at another time.
    await admin`
      update public.service_prices
      set request_rate = ${dollars(cost ?? 0n)}::text::numeric,
          valid_during = ${cost === null ? "[1990-01-01Z,1990-01-02Z)" : "[2000-01-01Z,)"}
      where service_id = ${service}`;
    await sessions[0]`
      select public.reprice_interactions(tstzrange(${new Date(since)}::timestamptz, null))`;
    for (const row of model.rows) {
      if (row.isTurn && !row.isRemoved && row.startedAt >= since) row.cost = cost ?? row.cost;
    }
  });
}

function remove(place: number): Command {
  return command(`remove row ${place}`, async (model, { sessions }) => {
    const rows = model.rows.filter(({ isRemoved }) => !isRemoved);
    const row = rows[place % Math.max(rows.length, 1)];
    if (row === undefined) return;
    model.rows.splice(model.rows.indexOf(row), 1);
    await sessions[0]`delete from public.ai_interactions where id = ${row.id}`;
  });
}

/** What `npm run archive` does: rows that are gone from the ledger keep their archived state. */
function archive(): Command {
  return command("archive", async (model, { admin }) => {
    await admin.begin(async (transaction) => {
      await transaction`
        delete from private.kept_by_test kept using public.ai_interactions ledger where ledger.id = kept.id`;
      await transaction`insert into private.kept_by_test select * from public.ai_interactions`;
    });
    for (const row of model.rows) if (!row.isRemoved) row.archived = added(row);
  });
}

/** Applies retention to rows that are old enough and rolled up, up to a number. */
function retire(batch: number): Command {
  return command(`retire ${batch}`, async (model, { admin, sessions }) => {
    for (let run = 0; run < 2; run++) await sessions[0]`select public.refresh_daily_usage()`;
    await admin`select private.remove_old_interactions(id, ${batch}) from public.organizations`;
    const left = await idsOfLedger(admin);
    for (const row of model.rows) {
      if (row.isRemoved || left.has(row.id)) continue;
      row.isRemoved = true;
      ok(row.startedAt < Date.now() - 62 * 1_440 * MINUTE, "only what is old goes");
    }
  });
}

/** Restores archived rows that are unchanged since their removal, and nothing else. */
function restore(): Command {
  return command("restore", async (model, { admin }) => {
    const isRefused = await admin.begin(async (transaction) => {
      await transaction`
        insert into private.archived_interactions select * from private.kept_by_test`;
      await transaction`select private.restore_interactions()`;
    }).then(() => false, (error) => {
      equal(error.code, "PT409", error.message);
      return true;
    });
    if (isRefused) return;
    for (const row of model.rows) {
      if (row.isRemoved) row.isRemoved = row.archived !== added(row);
    }
    deepEqual(
      [...await idsOfLedger(admin)].toSorted(),
      model.rows.filter(({ isRemoved }) => !isRemoved).map(({ id }) => id).toSorted(),
    );
  });
}

async function idsOfLedger(admin: postgres.Sql): Promise<Set<string>> {
  return new Set((await admin`select id from public.ai_interactions`).map(({ id }) => id));
}

/** The contribution of a row to the figures, with its quarter of an hour. */
function added({ startedAt, cost, tokens, rating, isDeleted }: Row): string {
  return [Math.floor(startedAt / (15 * MINUTE)), cost, tokens, rating, isDeleted].join(" ");
}

function changeTimeZone([organization, zone]: [number, string]): Command {
  return command(`move organization ${organization} to ${zone}`, async (model, { admin }) => {
    await admin`
      update public.organizations set timezone = ${zone}
      where id = ${organizations[organization]!}`;
    model.zones[organization] = zone;
  });
}

function refresh(batch: number): Command {
  return command(`refresh ${batch}`, async (_model, { sessions }) => {
    await sessions[0]`select public.refresh_daily_usage(${batch})`;
  });
}

function refreshTwice(): Command {
  return command("refresh twice at once", async (_model, { sessions }) => {
    await Promise.all(sessions.map((session) => session`select public.refresh_daily_usage()`));
  });
}

function countDay(age: number): Command {
  return command(`count the day ${age} minutes ago`, async (_model, { sessions }) => {
    const day = new Date(Date.now() - Math.max(age, 0) * MINUTE).toISOString().slice(0, 10);
    await Promise.all([
      sessions[0]`select public.update_daily_usage_stats(${day}::text::date)`,
      sessions[1]`select public.refresh_daily_usage()`,
    ]);
  });
}

function forgetAll(): Command {
  return command("forget what is counted", (_model, { admin }) => forget(admin));
}

// What must be true --------------------------------------------------------------

async function isAsModelled(
  model: Model,
  { admin, sessions }: Ledger,
  reader: postgres.Sql = sessions[1],
): Promise<void> {
  const differences = await admin`
    select * from private.usage_differences('2000-01-01', (now() + interval '3 days')::date)`;
  deepEqual([...differences], []);

  const days = await reader<{ day: string; figures: string }[]>`
    select
      organization_id || ' ' || date as day,
      concat_ws(
        ' ', sum(interactions), sum(unpriced), sum(recorded), sum(input_tokens), trim_scale(sum(total_cost)),
        trim_scale(sum(recorded_cost)), sum(satisfaction_sum)
      ) as figures
    from public.daily_usage
    where organization_id in ${reader(organizations)}
    group by organization_id, date
    having sum(interactions) > 0
    order by 1`;
  const readDays = days.map(({ day, figures }) => `${day}: ${figures}`);
  const there = model.rows.filter(({ isDeleted }) => !isDeleted);
  deepEqual(
    readDays,
    grouped(
      there,
      (row) =>
        `${organizations[row.organization]} ${
          dayOf(row.startedAt, model.zones[row.organization]!)
        }`,
      (rows) =>
        `${rows.length} ${rows.filter(isUnpriced).length} ${
          rows.filter(({ isTurn }) => !isTurn).length
        } ${figures(rows)}`,
    ),
  );

  const summaries = await reader<{ id: string; figures: string }[]>`
    select id, concat_ws(
      ' ', total_interactions, total_input_tokens, trim_scale(total_cost), trim_scale(recorded_cost), round(avg_satisfaction, 2)
    ) as figures
    from public.agent_summary
    where id in ${reader(agents)} and total_interactions > 0
    order by id`;
  deepEqual(
    summaries.map(({ id, figures }) => `${id}: ${figures}`),
    grouped(there, (row) => agents[row.agent]!, (rows) => {
      const [tokens, cost, recorded] = figures(rows).split(" ");
      const ratings = rows.flatMap(({ rating }) => rating ?? []);
      const mean = ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length;
      return [rows.length, tokens, cost, recorded, ...ratings.length > 0 ? [mean.toFixed(2)] : []]
        .join(" ");
    }),
  );
}

const isUnpriced = ({ isTurn, cost, tokens }: Row) => isTurn && cost === null && tokens > 0;

function figures(rows: Row[]): string {
  const tokens = rows.reduce((sum, row) => sum + row.tokens, 0);
  const costOf = (isTurn: boolean) =>
    dollars(rows.reduce((sum, row) => row.isTurn === isTurn ? sum + (row.cost ?? 0n) : sum, 0n));
  const ratings = rows.reduce((sum, row) => sum + (row.rating ?? 0), 0);
  return `${tokens} ${costOf(true)} ${costOf(false)} ${ratings}`;
}

function grouped(
  rows: Row[],
  keyOf: (row: Row) => string,
  show: (rows: Row[]) => string,
): string[] {
  const groups = Map.groupBy(rows, keyOf);
  return [...groups].map(([key, rows]) => `${key}: ${show(rows)}`).toSorted();
}

/** The calendar day, as JavaScript computes it. */
function dayOf(moment: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(moment);
}

/** Tenths of a dollar as exact dollars. */
function dollars(tenths: bigint): string;
function dollars(tenths: bigint | null): string | null;
function dollars(tenths: bigint | null): string | null {
  if (tenths === null) return null;
  return tenths % 10n === 0n ? `${tenths / 10n}` : `${tenths / 10n}.${tenths % 10n}`;
}
