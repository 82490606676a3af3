import type { Sql } from "postgres";
import { CommandError } from "../../common/command-error.ts";
import { createProgressBar } from "../../common/progress-bar.ts";
import { applyImport } from "./apply/apply.ts";
import { retryQuarantine } from "./apply/retry.ts";
import { readOverride } from "./design/read-designs.ts";
import { recognise, type Recognised } from "./design/recognise.ts";
import type { ImportOptions } from "./options.ts";
import { describePlan } from "./plan/describe-plan.ts";
import { makePlan } from "./plan/make-plan.ts";
import { describeOutcomes, describeVerification } from "./report.ts";
import { revertImport } from "./revert.ts";
import { hasMigrations, holdImport, prepareState, readRun } from "./state/prepare-state.ts";
import { verifyImport } from "./verify.ts";

/** What {@link runImport} is given beside the arguments. */
export interface ImportContext extends ImportOptions {
  /** Connection string of the database. */
  url: string;
  report: (line: string) => void;
}

/**
 * Does what was asked for.
 *
 * @returns the exit code: 1 where a verification finds a difference.
 * @throws {CommandError} with what is wrong and what to do.
 */
export async function runImport(sql: Sql, context: ImportContext): Promise<number> {
  switch (context.action) {
    case "plan":
      return await plan(sql, context);
    case "apply":
      return await apply(sql, context);
    case "verify":
      return await verify(sql, context);
    case "retry":
      return await retry(sql, context);
    case "revert":
      return await revert(sql, context);
  }
}

async function read(sql: Sql, context: ImportContext): Promise<Recognised> {
  const isMigrated = await hasMigrations(sql);
  return await recognise(sql, {
    schema: context.from,
    override: await readOverride(context.mapping),
    timezone: context.timezone,
    isMigrated,
  });
}

async function plan(sql: Sql, context: ImportContext): Promise<number> {
  const recognised = await read(sql, context);
  for (const line of describePlan(await makePlan(sql, recognised))) context.report(line);
  return 0;
}

async function apply(sql: Sql, context: ImportContext): Promise<number> {
  return await holdImport(sql, async () => {
    const recognised = await read(sql, context);
    await prepareState(sql);
    const state = await readRun(sql, context.from);
    if (state === "reverting") {
      throw new CommandError(
        `Cannot import "${context.from}": a revert of it was interrupted. Finish it with --revert first.`,
      );
    }
    const outcomes = await applyImport(sql, recognised, context.workers);
    for (const line of describeOutcomes(outcomes, context.from)) context.report(line);
    return 0;
  });
}

async function verify(sql: Sql, context: ImportContext): Promise<number> {
  await requireRun(sql, context.from, "verify");
  await prepareState(sql);
  const bar = createProgressBar("chunks");
  const comparisons = await verifyImport(sql, await read(sql, context), bar.show);
  bar.end();
  for (const line of describeVerification(comparisons)) context.report(line);
  return comparisons.some(({ different }) => different.length > 0) ? 1 : 0;
}

async function retry(sql: Sql, context: ImportContext): Promise<number> {
  await requireRun(sql, context.from, "retry");
  return await holdImport(sql, async () => {
    const { tried, imported } = await retryQuarantine(sql, await read(sql, context));
    context.report(
      tried === 0
        ? "The quarantine is empty."
        : `${imported} of ${tried} rows are imported now; ${
          tried - imported
        } remain in agentbase_import.quarantine.`,
    );
    return 0;
  });
}

async function revert(sql: Sql, context: ImportContext): Promise<number> {
  await requireRun(sql, context.from, "revert");
  return await holdImport(sql, async () => {
    await revertImport(sql, await read(sql, context), context.discard);
    context.report(`What was imported from "${context.from}" is removed.`);
    return 0;
  });
}

async function requireRun(sql: Sql, from: string, action: string): Promise<void> {
  if (await readRun(sql, from) !== null) return;
  throw new CommandError(
    `Cannot ${action} "${from}": nothing was imported from it. Import it with "npm run import -- --from ${from} --apply".`,
  );
}
