import postgres from "postgres";
import type { MigratedDatabase } from "../testing/database/databases.ts";
import { prepareTests } from "../testing/database/prepare-tests.ts";
import type { Workspace } from "../testing/workspace.ts";
import { type Lane, openLane } from "./lane.ts";

/**
 * Prepares a migrated database for pgTAP, copies it once per lane and opens the lanes, which close
 * with the workspace.
 */
export async function openLanes(
  root: string,
  database: MigratedDatabase,
  count: number,
  workspace: Workspace,
): Promise<Lane[]> {
  await prepareTests(database, root);

  // A database is copied only while nobody is connected to it.
  const outside = new URL(database.adminUrl);
  const original = outside.pathname.slice(1);
  outside.pathname = "/template1";
  const copier = postgres(outside.href, { max: 1, onnotice: () => {} });
  const lanes: Lane[] = [];
  try {
    // Who owns a database may create things in its schema public.
    const [owner] = await copier<{ name: string }[]>`
      select datdba::regrole::text as name from pg_database where datname = ${original}`;
    for (let number = 1; number <= count; number += 1) {
      const name = `mutation_${number}`;
      await copier.unsafe(
        `create database ${name} template ${original} owner ${owner?.name ?? "postgres"}`,
      );
      const url = new URL(database.adminUrl);
      url.pathname = `/${name}`;
      const lane = openLane(url.href);
      workspace.defer(() => lane.close());
      lanes.push(lane);
    }
  } finally {
    await copier.end();
  }
  return lanes;
}
