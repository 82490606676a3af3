import type { Sql } from "postgres";
import { CommandError } from "../../common/command-error.ts";
import { createProgressBar } from "../../common/progress-bar.ts";
import { applyOnto } from "./adopt/apply-onto.ts";
import { asideSchema, examineAdoption } from "./adopt/examine.ts";
import { redirectForeignKeys, restoreForeignKeys } from "./adopt/foreign-keys.ts";
import { moveAside, prepareViews, readMovedProject } from "./adopt/move-aside.ts";
import { readOurNames } from "./adopt/our-names.ts";
import { removeMigrations } from "./adopt/remove-migrations.ts";
import { trySignUp } from "./adopt/try-sign-up.ts";
import { applyImport } from "./apply/apply.ts";
import { retryQuarantine } from "./apply/retry.ts";
import { overrideDesigns, readDesigns, readOverride } from "./design/read-designs.ts";
import { recognise, type Recognised } from "./design/recognise.ts";
import {
  closeSource,
  cutOver,
  isFollowing,
  refuseKeyless,
  stopFollowing,
  undoCutOver,
} from "./follow/follow.ts";
import { explainFailure } from "./explain-failure.ts";
import type { ImportOptions } from "./options.ts";
import { describePlan } from "./plan/describe-plan.ts";
import { makePlan } from "./plan/make-plan.ts";
import { readKeyring } from "./secrets/read-keyring.ts";
import { sealSecrets } from "./secrets/seal-secrets.ts";
import type { Choices } from "./design/schema.ts";
import {
  isStaged,
  nameOf,
  refuseOtherSchema,
  sourceOf,
  stageSource,
} from "./source/stage-source.ts";
import { describeOutcomes, describeVerification, quoteArgument } from "./report.ts";
import { refuseNewRows, revertImport } from "./revert.ts";
import {
  hasMigrations,
  holdImport,
  prepareState,
  readRun,
  refuseOlderRelease,
  rememberChoices,
} from "./state/prepare-state.ts";
import { verifyImport } from "./verify.ts";

/** The arguments of the command, and its environment. */
export interface ImportContext extends ImportOptions {
  /** Connection string of the database. */
  url: string;
  /** The environment variables of the process, which may contain the keyring of the functions. */
  environment: Record<string, string>;
  report: (line: string) => void;
}

/**
 * Runs the action of the command.
 *
 * @returns the exit code: 1 if a verification finds a difference.
 * @throws {CommandError} with what is wrong and what to do.
 */
export async function runImport(sql: Sql, context: ImportContext): Promise<number> {
  try {
    return await runAction(sql, context);
  } catch (error) {
    throw explainFailure(error);
  }
}

async function runAction(sql: Sql, context: ImportContext): Promise<number> {
  await refuseOtherSchema(sql, context.from, context.schema);
  switch (context.action) {
    case "plan":
      return await plan(sql, context);
    case "copy":
      return await copy(sql, context);
    case "prepare":
      return await prepare(sql, context);
    case "apply":
      return await apply(sql, context);
    case "verify":
      return await verify(sql, context);
    case "retry":
      return await retry(sql, context);
    case "cut-over":
    case "close":
    case "undo-cut-over":
      return await runCutOver(sql, context);
    case "revert":
      return await revert(sql, context);
  }
}

/** The schema that has the tables of the source, which may have been moved or copied. */
async function sourceSchema(sql: Sql, from: string): Promise<string> {
  const { schema } = sourceOf(from);
  if (schema !== "public") return schema;
  return (await readMovedProject(sql))?.schema ?? from;
}

/** The choices that the command names, else those of an earlier run of the import. */
async function readChoices(
  sql: Sql,
  schema: string,
  { mapping, timezone }: ImportContext,
): Promise<Choices> {
  const remembered = (await readRun(sql, schema))?.choices;
  return {
    mapping: mapping === null && remembered !== undefined
      ? remembered.mapping
      : await readOverride(mapping),
    timezone: timezone ?? remembered?.timezone ?? null,
  };
}

async function read(sql: Sql, context: ImportContext): Promise<Recognised> {
  await refuseOlderRelease(sql);
  const isMigrated = await hasMigrations(sql);
  const schema = await sourceSchema(sql, context.from);
  return await recognise(sql, {
    schema,
    choices: await readChoices(sql, schema, context),
    isMigrated,
    mayBeUnknown: !isMigrated && context.from === "public",
  });
}

async function plan(sql: Sql, context: ImportContext): Promise<number> {
  const source = sourceOf(context.from);
  if (source.kind !== "schema" && !await isStaged(sql, source)) {
    throw new CommandError(
      `Cannot plan "${
        nameOf(context.from)
      }" yet: it is copied to this database first. Run --copy, which changes nothing else, then --plan.`,
    );
  }
  const recognised = await read(sql, context);
  for (const line of describePlan(await makePlan(sql, recognised))) context.report(line);
  return 0;
}

async function copy(sql: Sql, context: ImportContext): Promise<number> {
  const { from, schema, report } = context;
  const choices = await readChoices(sql, await sourceSchema(sql, from), context);
  const designs = overrideDesigns(await readDesigns(), choices.mapping);
  await stageSource(sql, { from, schema, designs, report });
  return 0;
}

async function prepare(sql: Sql, context: ImportContext): Promise<number> {
  if (await hasMigrations(sql)) {
    throw new CommandError("Cannot prepare: the migrations of Agentbase are applied already.");
  }
  const adoption = await examineAdoption(sql, await read(sql, context));
  await sql.begin((transaction) => prepareViews(transaction, adoption));
  context.report(
    `Schema "${asideSchema}" has views of ${
      adoption.relations.map(({ name }) => name).join(", ")
    }. Point the old application at it, then run --apply.`,
  );
  return 0;
}

async function apply(sql: Sql, context: ImportContext): Promise<number> {
  await refuseOlderRelease(sql);
  return await holdImport(sql, async () => {
    // The tables of a copy always have a key.
    if (context.follow && sourceOf(context.from).kind === "schema") {
      refuseKeyless(await read(sql, context));
    }
    if (!await hasMigrations(sql)) await adopt(sql, context);
    await copy(sql, context);
    const recognised = await read(sql, context);
    await prepareState(sql);
    if ((await readRun(sql, recognised.schema))?.state === "reverting") {
      throw new CommandError(
        `Cannot import "${
          nameOf(context.from)
        }": a revert of it was interrupted. Finish it with --revert first.`,
      );
    }
    const outcomes = await applyImport(sql, recognised, context);
    const moved = await readMovedProject(sql);
    const problems = moved === null ? [] : await finishAdoption(sql);
    const sealed = await sealSecrets(sql, recognised, await readKeyring(context.environment));
    for (const line of [...sealed, ...describeOutcomes(outcomes, nameOf(context.from))]) {
      context.report(line);
    }
    for (const problem of problems) context.report(`Attention: ${problem}`);
    return 0;
  });
}

/**
 * Redirects foreign keys to the new tables, and tries a sign-up. Returns the problems that remain.
 */
async function finishAdoption(sql: Sql): Promise<string[]> {
  const problems = await redirectForeignKeys(sql, (await readOurNames()).relations);
  const signUp = await trySignUp(sql);
  if (signUp !== null) {
    problems.push(
      `a new person cannot sign up: ${signUp}. Drop or change the project's own trigger on auth.users: the table that it writes has other columns now.`,
    );
  }
  return problems;
}

/** Moves objects with the names of Agentbase's aside, and applies the migrations. */
async function adopt(sql: Sql, context: ImportContext): Promise<void> {
  const { report } = context;
  if (await readMovedProject(sql) === null) {
    const adoption = await examineAdoption(sql, await read(sql, context));
    await moveAside(sql, adoption);
    report(
      `Moved to schema ${asideSchema}: ${
        adoption.relations.map(({ name }) => name).join(", ") || "nothing"
      }.`,
    );
  }
  const applied = await applyOnto(sql, context.url);
  await sql`update agentbase_import.adoption set migrated_at = now()`;
  report(`${applied.length} migrations applied; every account has a profile.`);
}

async function verify(sql: Sql, context: ImportContext): Promise<number> {
  await requireRun(sql, context);
  await prepareState(sql);
  const bar = createProgressBar("chunks");
  const comparisons = await verifyImport(sql, await read(sql, context), bar.show);
  bar.end();
  for (const line of describeVerification(comparisons)) context.report(line);
  return comparisons.some(({ different }) => different.length > 0) ? 1 : 0;
}

async function retry(sql: Sql, context: ImportContext): Promise<number> {
  await requireRun(sql, context);
  return await holdImport(sql, async () => {
    await prepareState(sql);
    const recognised = await read(sql, context);
    await rememberChoices(sql, recognised.schema, recognised.choices);
    const { tried, imported } = await retryQuarantine(sql, recognised);
    context.report(
      tried === 0
        ? "The quarantine is empty."
        : `${imported} of ${tried} rows are imported now; ${tried - imported} ${
          tried - imported === 1 ? "is" : "are"
        } still to be corrected in agentbase_import.quarantine.`,
    );
    return 0;
  });
}

async function revert(sql: Sql, context: ImportContext): Promise<number> {
  return await holdImport(sql, async () => {
    const moved = await readMovedProject(sql);
    const schema = await sourceSchema(sql, context.from);
    const isAdopted = moved?.schema === schema;
    if (!isAdopted) await requireRun(sql, context);
    const recognised = await readRun(sql, schema) === null ? null : await read(sql, context);
    // Checked before anything is changed, so that a refused revert leaves both applications
    // running.
    if (recognised !== null && !context.discard) await refuseNewRows(sql, recognised);
    if (recognised !== null) await stopFollowing(sql, recognised);
    // Before the rows that the project's other tables refer to are removed.
    if (isAdopted) {
      for (const problem of await restoreForeignKeys(sql)) context.report(`Attention: ${problem}`);
    }
    if (recognised !== null) {
      await revertImport(sql, recognised);
      context.report(`What was imported from "${schema}" is removed.`);
    }
    if (!isAdopted) return 0;
    await removeMigrations(sql);
    context.report("The migrations of Agentbase are removed, and the tables are back in public.");
    return 0;
  });
}

async function runCutOver(sql: Sql, context: ImportContext): Promise<number> {
  const recognised = await read(sql, context);
  await requireRun(sql, context);
  if (!await isFollowing(sql, recognised.tables)) {
    throw new CommandError(
      `Cannot ${context.action} "${
        nameOf(context.from)
      }": its rows are not followed. Run --apply --follow first.`,
    );
  }
  const turns: Record<string, [typeof cutOver, string]> = {
    "cut-over": [
      cutOver,
      "The new tables decide now; the old ones can be read and written as before. --close ends that, --undo-cut-over goes back.",
    ],
    close: [
      closeSource,
      "The old tables refuse writes now, and keep receiving what is written to the new ones. --undo-cut-over opens them again.",
    ],
    "undo-cut-over": [
      undoCutOver,
      "The old tables can be written again, and decide for themselves.",
    ],
  };
  const [turn, said] = turns[context.action] ?? [undoCutOver, ""];
  await turn(sql, recognised);
  context.report(said);
  return 0;
}

async function requireRun(sql: Sql, { action, from }: ImportContext): Promise<void> {
  if (await readRun(sql, await sourceSchema(sql, from)) !== null) return;
  const name = nameOf(from);
  throw new CommandError(
    `Cannot ${action} "${name}": nothing was imported from it. Import it with "npm run import -- --from ${
      quoteArgument(name)
    } --apply".`,
  );
}
