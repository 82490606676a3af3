import { findDebianPostgres } from "../database/debian-postgres.ts";
import type { Layer } from "../layer.ts";
import { runDenoTests } from "../support/run-deno-tests.ts";

/** The jobs as schedulers run them. They run by the minute, so this layer waits for some. */
export const jobsLayer: Layer = {
  name: "jobs",
  covers: "the jobs on a real clock: pg_cron on Debian's Postgres 15, the local scheduler",
  async run({ root, workspace, results }) {
    const { signal } = workspace;
    const env = { POSTGRES_15: await findDebianPostgres(signal) };
    await runDenoTests({ root, paths: ["tests/jobs"], env, signal, results });
  },
};
