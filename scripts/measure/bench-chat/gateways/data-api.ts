import { createClient } from "@supabase/supabase-js";
import postgres from "postgres";
import type { StackEnvironment } from "../../../stack/folder/environment-file.ts";
import { median } from "../../common/statistics.ts";

/** What a call of a function that does nothing takes. */
export interface DataApiReport {
  /** Through the local Data API, one at a time, in milliseconds. */
  throughApi: number;
  /** On a connection to Postgres, one at a time, in milliseconds. */
  direct: number;
  /** Through the local Data API, calls a second at 16 clients. */
  perSecond: number;
}

/** Times `rpc` of a function that does nothing: what the local Data API adds to each of our two calls. */
export async function timeDataApi(
  environment: StackEnvironment,
  seconds: number,
): Promise<DataApiReport> {
  const sql = postgres(environment.DB_URL, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(`
      create or replace function public.bench_nothing() returns jsonb
      language sql set search_path = '' as $$ select '{}'::jsonb $$;
      grant execute on function public.bench_nothing() to service_role;
    `);
    const client = createClient(environment.API_URL, environment.SECRET_KEY, {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    const call = async () => {
      const { error } = await client.rpc("bench_nothing");
      if (error) throw new Error(`Cannot call bench_nothing(): ${error.message}`);
    };
    const query = () => sql`select public.bench_nothing()`;
    // The first finds a function that the local Data API does not know yet.
    await call();
    const throughApi = median(await timed(call, seconds));
    const direct = median(await timed(query, seconds));
    const startedAt = performance.now();
    const counts = await Promise.all(Array.from({ length: 16 }, () => timed(call, seconds)));
    const calls = counts.reduce((sum, times) => sum + times.length, 0);
    return { throughApi, direct, perSecond: calls / ((performance.now() - startedAt) / 1000) };
  } finally {
    await sql.end();
  }
}

async function timed(work: () => Promise<unknown>, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const endsAt = performance.now() + seconds * 1000;
  while (performance.now() < endsAt) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return times;
}
