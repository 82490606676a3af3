import { join } from "node:path";
import { runCommand } from "../../common/run-command.ts";
import type { Layer, LayerContext } from "../layer.ts";
import { readTap } from "../pgtap/tap.ts";
import { record } from "../results.ts";
import { NotAvailable } from "../support/not-available.ts";
import { needDebianSqlAlchemy, needSqlAlchemy2, type SqlAlchemy } from "../support/sqlalchemy.ts";

/** Time that a backend's cases may take, in milliseconds. */
const patience = 120_000;

/** Seed 004's backend, which knows nothing of this one: its models read and write the database. */
export const ormLayer: Layer = {
  name: "orm",
  covers: "seed 004's SQLAlchemy models on Postgres 17: Debian's SQLAlchemy, and 2.0 from PyPI",
  async run(context) {
    for (const need of [needDebianSqlAlchemy, needSqlAlchemy2]) {
      try {
        await runBackend(context, await need(context.workspace.signal));
      } catch (error) {
        if (!(error instanceof NotAvailable)) throw error;
        context.results.notRun.push(`${this.name}: ${error.message}`);
      }
    }
  },
};

/** Runs the cases with one SQLAlchemy and counts them. */
async function runBackend(
  { root, workspace, results, databases }: LayerContext,
  { python, packages, driver }: SqlAlchemy,
): Promise<void> {
  const { url } = await databases.migrated("17");
  const env = {
    DATABASE_URL: url.replace(/^\w+:/, `postgresql+${driver}:`),
    PYTHONDONTWRITEBYTECODE: "1",
    ...packages === null ? {} : { PYTHONPATH: packages },
  };
  const { stdout, stderr } = await runCommand([python, join(root, "tests/orm/backend.py")], {
    env,
    signal: AbortSignal.any([workspace.signal, AbortSignal.timeout(patience)]),
  });
  const { planned, assertions } = readTap([{ stdout }]);
  for (const { name, passed, diagnostics } of assertions) {
    record(results, `${driver}: ${name}`, passed ? [] : [diagnostics.join("\n")]);
  }
  if (planned === null || planned !== assertions.length) {
    record(results, `${driver}: the backend finishes`, [stdout + stderr]);
  }
  results.notes.push(stdout.match(/^# (SQLAlchemy .*)$/m)?.[1] ?? `${driver}: version unknown`);
}
