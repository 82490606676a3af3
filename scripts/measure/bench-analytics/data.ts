import { join } from "node:path";
import { pathInProject } from "../../common/path-in-project.ts";
import { createProgressBar } from "../../common/progress-bar.ts";
import { applyMigrations } from "../../stack/postgres/apply-migrations.ts";
import type { Workspace } from "../../common/workspace.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { load } from "./load.ts";
import { type Dataset, makeDataset } from "./dataset.ts";

/** Data to measure on. */
export interface Data extends Cluster {
  dataset: Dataset;
  /** Seconds that it took to load them; null if they existed already. */
  seconds: number | null;
}

/** Which data. */
export interface DataOptions {
  /** Where data are kept from one run to the next. */
  folder: string;
  rows: number;
  seed: number;
}

/** Increase it with every change that makes the data different. */
const generation = 1;

/**
 * Data of this number of interactions, up to yesterday: those of an earlier run if the migrations
 * are still the same, which takes seconds, or new ones.
 */
export async function openData(
  options: DataOptions,
  workspace: Workspace,
  note: (line: string) => void,
): Promise<Data> {
  const { rows, seed } = options;
  const folder = join(options.folder, `${rows}-${seed}`);
  const recipe = join(folder, "recipe");
  const wanted = `${generation} ${rows} ${seed} ${await migrationsHash()}`;
  const [found, day = ""] = (await Deno.readTextFile(recipe).catch(() => "")).split("\n");
  if (found !== wanted) await Deno.remove(folder, { recursive: true }).catch(ignoreNotFound);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.chmod(folder, 0o755);
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const lastDay = found === wanted ? day : yesterday;
  await Deno.writeTextFile(recipe, `${wanted}\n${lastDay}\n`);

  const startedAt = performance.now();
  const loader = await startCluster(folder, "load");
  workspace.defer(loader.stop);
  const migrated = await applyMigrations({ url: loader.url, signal: workspace.signal });
  const dataset = makeDataset(seed, rows, lastDay);
  const bar = createProgressBar("interactions");
  await load(loader, dataset, {
    rows: (done) => bar.show(done, rows),
    note(line) {
      bar.end();
      note(`  ${line}`);
    },
  }, workspace.signal);
  const isNew = migrated.length > 0;
  const seconds = isNew ? (performance.now() - startedAt) / 1000 : null;
  await loader.stop();
  const cluster = await startCluster(folder, "measure");
  workspace.defer(cluster.stop);
  return { ...cluster, dataset, seconds };
}

/** A hash of the migrations, since other tables mean other data. */
async function migrationsHash(): Promise<string> {
  const folder = pathInProject("migrations");
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(join(folder, name))));
  const bytes = new TextEncoder().encode(texts.join(""));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hash.slice(0, 8).toHex();
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
