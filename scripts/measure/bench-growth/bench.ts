import postgres from "postgres";
import { applyMigrations } from "../../stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import type { Workspace } from "../../common/workspace.ts";
import { median } from "../common/statistics.ts";
import { stopwatchOf } from "../common/stopwatch.ts";
import type { GrowthOptions } from "./options.ts";
import { beginning, type Dataset, type GrowthQuestion, me } from "./dataset.ts";
import { datasets } from "./datasets.ts";

/** The cost of a query at each size. */
export interface Growth {
  dataset: string;
  name: string;
  limit: number;
  /** Median milliseconds of the server's processor time at each size, the smallest first. */
  times: readonly number[];
  /** Buffers read at each size. */
  buffers: readonly number[];
}

/** Loads each dataset in three sizes and runs its queries at each. */
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
    for (const dataset of datasets) {
      note(`  ${dataset.name}`);
      measured.push(...await measureDataset(sql, dataset, options));
    }
    return measured;
  } finally {
    await sql.end();
  }
}

async function measureDataset(
  sql: postgres.Sql,
  dataset: Dataset,
  { sizes, rounds }: GrowthOptions,
): Promise<Growth[]> {
  const asked = dataset.questions.map(() => new Array<Answer>());
  for (const size of sizes) {
    for (const statement of dataset.grow) {
      await sql.unsafe(statement.replaceAll("$size", String(size)));
    }
    for (const [index, question] of dataset.questions.entries()) {
      asked[index]?.push(await ask(sql, question, rounds));
    }
  }
  return dataset.questions.map(({ name, limit }, index) => ({
    dataset: dataset.name,
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
  Plan: { "Shared Hit Blocks": number; "Shared Read Blocks": number; "Temp Read Blocks": number };
}

/** Runs a query repeatedly on one connection, which keeps plans; writes are rolled back. */
async function ask(
  sql: postgres.Sql,
  question: GrowthQuestion,
  rounds: number,
): Promise<Answer> {
  const watch = await stopwatchOf(sql);
  const answers: Answer[] = [];
  for (let round = 0; round < rounds + 2; round += 1) {
    await sql.begin(async (transaction) => {
      await transaction`select set_config('request.jwt.claims', ${
        JSON.stringify({ sub: me, role: "authenticated" })
      }, true)`;
      if (question.as === "person") await transaction.unsafe("set local role authenticated");
      let plan: Plan | undefined;
      const time = await watch(async () => {
        const [row] = await transaction.unsafe<{ "QUERY PLAN": Plan[] }[]>(
          `explain (analyze, buffers, timing off, format json) ${question.sql}`,
        );
        plan = row?.["QUERY PLAN"][0];
      });
      if (round >= 2) answers.push({ time, buffers: buffersOf(plan) });
      throw new Undone();
    }).catch((error) => {
      if (!(error instanceof Undone)) throw error;
    });
  }
  return {
    time: median(answers.map(({ time }) => time)),
    buffers: median(answers.map(({ buffers }) => buffers)),
  };
}

function buffersOf(plan: Plan | undefined): number {
  if (plan === undefined) return NaN;
  const { Plan: top } = plan;
  return top["Shared Hit Blocks"] + top["Shared Read Blocks"] + top["Temp Read Blocks"];
}

/** Rolls a transaction back. */
class Undone extends Error {}
