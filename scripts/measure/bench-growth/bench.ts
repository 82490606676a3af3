import postgres from "postgres";
import { applyMigrations } from "../../stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import type { Workspace } from "../../common/workspace.ts";
import { median } from "../common/statistics.ts";
import type { GrowthOptions } from "./options.ts";
import { beginning, type GrowthQuestion, me, type World } from "./world.ts";
import { worlds } from "./worlds.ts";

/** What a question took. */
export interface Growth {
  world: string;
  name: string;
  limit: number;
  /** Median milliseconds at each size, the smallest first. */
  times: readonly number[];
  /** Buffers read at each size. */
  buffers: readonly number[];
}

/** Loads each world in three sizes and asks its questions at each. */
export async function benchGrowth(
  options: GrowthOptions,
  workspace: Workspace,
  note: (line: string) => void,
): Promise<Growth[]> {
  const database = await startTemporaryDatabase();
  workspace.defer(database.stop);
  await applyMigrations({ url: database.url, signal: workspace.signal });
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    for (const statement of beginning) await sql.unsafe(statement);
    const measured: Growth[] = [];
    for (const world of worlds) {
      note(`  ${world.name}`);
      measured.push(...await measureWorld(sql, world, options));
    }
    return measured;
  } finally {
    await sql.end();
  }
}

async function measureWorld(
  sql: postgres.Sql,
  world: World,
  { sizes, rounds }: GrowthOptions,
): Promise<Growth[]> {
  const asked = world.questions.map(() => new Array<Answer>());
  for (const size of sizes) {
    for (const statement of world.grow) {
      await sql.unsafe(statement.replaceAll("$size", String(size)));
    }
    for (const [index, question] of world.questions.entries()) {
      asked[index]?.push(await ask(sql, question, rounds));
    }
  }
  return world.questions.map(({ name, limit }, index) => ({
    world: world.name,
    name,
    limit: limit === "rows" ? 1.5 * (sizes.at(-1) ?? NaN) / (sizes[0] ?? NaN) : limit,
    times: asked[index]?.map(({ time }) => time) ?? [],
    buffers: asked[index]?.map(({ buffers }) => buffers) ?? [],
  }));
}

/** Medians of one question at one size: milliseconds, and buffers read. */
interface Answer {
  time: number;
  buffers: number;
}

interface Plan {
  "Execution Time": number;
  Plan: { "Shared Hit Blocks": number; "Shared Read Blocks": number; "Temp Read Blocks": number };
}

/** Asks again and again on one connection, where plans are kept; what was written is undone. */
async function ask(
  sql: postgres.Sql,
  question: GrowthQuestion,
  rounds: number,
): Promise<Answer> {
  const plans: Plan[] = [];
  for (let round = 0; round < rounds + 2; round += 1) {
    await sql.begin(async (transaction) => {
      await transaction`select set_config('request.jwt.claims', ${
        JSON.stringify({ sub: me, role: "authenticated" })
      }, true)`;
      if (question.as === "person") await transaction.unsafe("set local role authenticated");
      const rows = await transaction.unsafe<{ "QUERY PLAN": Plan[] }[]>(
        `explain (analyze, buffers, timing off, format json) ${question.sql}`,
      );
      const plan = rows[0]?.["QUERY PLAN"][0];
      if (plan !== undefined && round >= 2) plans.push(plan);
      throw new Undone();
    }).catch((error) => {
      if (!(error instanceof Undone)) throw error;
    });
  }
  return {
    time: median(plans.map((plan) => plan["Execution Time"])),
    buffers: median(
      plans.map(({ Plan: plan }) =>
        plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] + plan["Temp Read Blocks"]
      ),
    ),
  };
}

/** Rolls a transaction back. */
class Undone extends Error {}
