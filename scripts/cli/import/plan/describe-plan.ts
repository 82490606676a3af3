import { asideSchema } from "../adopt/examine.ts";
import type { BoundTable } from "../design/bind.ts";
import { columnsOf } from "../design/expression.ts";
import type { Plan, TablePlan } from "./make-plan.ts";

const number = (value: number) => Math.round(value).toLocaleString("en-US");

/** The lines of a plan for the terminal. */
export function describePlan(plan: Plan): string[] {
  const { recognised, tables, isMigrated } = plan;
  const seconds = tables.reduce((sum, table) => sum + table.seconds, 0);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return [
    `Source: schema "${recognised.schema}"`,
    ...recognised.designs.map(({ design, title }) => `  recognised as ${design}: ${title}`),
    `  times without a time zone are read as ${recognised.timezone}`,
    ...describeAdoption(plan),
    ...tables.flatMap((table) => ["", ...describeTable(table, isMigrated)]),
    "",
    ...recognised.left.length > 0 ? ["Not imported"] : [],
    ...recognised.left.map(({ name, reason }) => `  ${name}: ${reason}`),
    ...plan.tooOld.map(({ table, rows: old, days }) =>
      `Attention: ${
        number(old)
      } rows of ${table} are older than the ${days} days that the plan "starter" keeps. Retention would remove them the following night: change public.plans first.`
    ),
    "",
    `Estimated time: ${describeSeconds(seconds)} for ${number(rows)} rows.`,
    "Locks: reading rows of the source and writing rows of the target block no other session. A column that is added, or a table that is moved, is locked for milliseconds: it waits at most 100 ms and tries again.",
    isMigrated
      ? "Nothing was changed. Import it with --apply."
      : "Nothing was changed. Rows are examined once the migrations are applied: --apply does that first.",
  ];
}

function describeAdoption({ adoption }: Plan): string[] {
  if (adoption === null) return [];
  const { relations, functions, references, notes } = adoption;
  return [
    "",
    "The migrations of Agentbase are not applied here yet: --apply does that first.",
    ...relations.length > 0
      ? [
        `  moved to schema ${asideSchema}, because their names are needed or their design stays together:`,
        `    ${relations.map(({ name }) => name).join(", ")}`,
      ]
      : ["  no table is in their way"],
    ...functions.length > 0
      ? [`  functions of the same name move too: ${functions.join(", ")}`]
      : [],
    ...references.map(({ table, constraint, to }) =>
      `  foreign key ${constraint} of ${table} refers to the new ${to} after the import`
    ),
    ...notes.map((note) => `  ${note}`),
    `  the old application finds its tables in ${asideSchema}: docs/import.md says how to point it there before`,
    "  every account gets a profile and a personal organization, as at sign-up",
  ];
}

function describeTable(
  { bound, rows, refused, skipped, noted }: TablePlan,
  isMigrated: boolean,
): string[] {
  const { mapping, unread, kept, secret, source } = bound;
  return [
    `${source.name} → ${mapping.into}: ${number(rows)} rows${
      mapping.mode === "update" ? "; rows that are there are changed" : ""
    }`,
    ...describeColumns(bound),
    ...kept.length > 0
      ? [`  kept as columns of ${mapping.into}: ${kept.map(({ name }) => name).join(", ")}`]
      : [],
    ...mapping.rest !== undefined ? [`  all other columns go into ${mapping.rest}`] : [],
    ...unread.length > 0 ? [`  cannot be carried: ${unread.join(", ")}`] : [],
    ...secret.length > 0
      ? [`  left out, because the name says that it is a secret: ${secret.join(", ")}`]
      : [],
    ...Object.entries(mapping.ignored)
      .filter(([name]) => source.columns.some((column) => column.name === name))
      .map(([name, why]) => `  not copied: ${name}, ${why}`),
    ...source.key.length === 0
      ? ["  it has no primary key: rows that change during the import may be missed"]
      : [],
    ...skipped.map(({ why, rows: left }) => `  left out: ${number(left)} rows, ${why}`),
    ...noted.map(({ reason, rows: found }) =>
      `  noted in the quarantine: ${number(found)} rows, ${reason}`
    ),
    ...(refused ?? []).map(({ reason, rows: bad }) =>
      `  to the quarantine: ${number(bad)} rows, ${reason}`
    ),
    ...isMigrated && refused?.length === 0 && rows > 0 ? ["  all rows can be imported"] : [],
  ];
}

/**
 * Lines that say where the value of each column of the target comes from, and which columns take
 * their default.
 */
function describeColumns({ columns, kept, source, mapping }: BoundTable): string[] {
  // Columns read from the elements of a list count as the column of the list.
  const whole = (expression: string) =>
    /\belement\./.test(expression) ? `${mapping.each} ${expression}` : expression;
  const described = columns.filter(({ name }) => !kept.some((column) => column.name === name))
    .map(({ name, expression }) => ({
      name,
      read: [...new Set(columnsOf(whole(expression), source.columns).read)],
      isPlain: /^\{[^{}]+\}$/.test(expression),
      isConstant: !whole(expression).includes("{"),
    }));
  const read = described.filter(({ read: from, isConstant }) => from.length > 0 || isConstant);
  const rest = described.filter((column) => !read.includes(column)).map(({ name }) => name);
  const width = Math.max(0, ...read.map(({ name }) => name.length));
  return [
    ...read.map(({ name, read: from, isPlain, isConstant }) =>
      `  ${name.padEnd(width)}  ${
        isConstant ? "the same for all" : `${from.join(", ")}${isPlain ? "" : " (converted)"}`
      }`
    ),
    ...rest.length > 0 ? [`  not in the source, takes its default: ${rest.join(", ")}`] : [],
  ];
}

function describeSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
