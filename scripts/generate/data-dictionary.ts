import type { Job, Relation, Routine, SchemaDescription } from "./describe-schema.ts";
import type { Domain } from "./domains.ts";
import { entityDiagram } from "./entity-diagram.ts";

const header = `# Data dictionary

What the schema \`public\` holds: every table with its columns, rules and policies, every view, and
every function that clients call. Written by \`npm run generate\` from the comments in the database;
change those, in \`migrations/\`, and run it again.
`;

/** The view whose chapter lists the jobs. */
const JOB_VIEW = "job_status";

/**
 * The data dictionary as Markdown, one chapter for each domain, with a diagram of its tables.
 *
 * @throws when a table, a view or the list of jobs belongs to no domain and would be missing.
 */
export function dataDictionary(
  { relations, functions, jobs }: SchemaDescription,
  domains: readonly Domain[],
): string {
  const known = new Set(domains.flatMap((domain) => domain.relations));
  const lost = relations.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (lost.length > 0) {
    throw new Error(
      `Cannot write the data dictionary: no migration says "create table public.${lost[0]}"`,
    );
  }
  if (jobs.length > 0 && !known.has(JOB_VIEW)) {
    throw new Error(`Cannot list the jobs: no migration says "create view public.${JOB_VIEW}"`);
  }
  const chapters = domains.flatMap((domain) => {
    const ours = relations.filter(({ name }) => domain.relations.includes(name));
    const routines = functions.filter(({ name }) => domain.functions.includes(name));
    if (ours.length + routines.length === 0) return [];
    const tables = ours.filter(({ isView }) => !isView);
    const views = ours.filter(({ isView }) => isView);
    return [
      [
        `## ${domain.title}`,
        domain.introduction,
        ...(tables.length === 0 ? [] : [entityDiagram(tables)]),
        ...(domain.relations.includes(JOB_VIEW) ? [jobSection(jobs)] : []),
        ...tables.map(tableSection),
        ...views.map(viewSection),
        ...(routines.length === 0 ? [] : [functionSection(routines)]),
      ].filter((part) => part !== "").join("\n\n"),
    ];
  });
  return [header.trimEnd(), contents(domains, relations), ...chapters].join("\n\n") + "\n";
}

function contents(domains: readonly Domain[], relations: readonly Relation[]): string {
  const names = new Set(relations.map(({ name }) => name));
  return domains.flatMap((domain) => {
    const links = domain.relations.filter((name) => names.has(name)).sort()
      .map((name) => `[${name}](#${name})`);
    return links.length === 0 ? [] : [`- **${domain.title}**: ${links.join(", ")}`];
  }).join("\n");
}

function tableSection(table: Relation): string {
  const rows = table.columns.map((column) => {
    const reference = table.references.find(({ columns }) => columns.includes(column.name));
    const target = reference?.targetSchema === "public"
      ? ` → [${reference.target}](#${reference.target})`
      : "";
    return [
      `\`${column.name}\`${column.inKey ? " (key)" : ""}`,
      `${shortType(column.type)}${column.optional ? ", optional" : ""}${target}`,
      column.default === null ? "" : `\`${column.default}\``,
      column.comment ?? "",
    ];
  });
  return [
    `### ${table.name}`,
    table.comment ?? "",
    markdownTable(["column", "type", "default", "meaning"], rows),
    ...(table.rules.length === 0 ? [] : [`Rules: ${table.rules.map(sentence).join("; ")}.`]),
    ...(table.policies.length === 0 ? ["Not accessible to clients: it has no policy."] : [
      table.policies.map(({ command, name }) => `- ${command}: ${name}`).join("\n"),
    ]),
  ].filter((part) => part !== "").join("\n\n");
}

function viewSection(view: Relation): string {
  const columns = view.columns.map(({ name, type }) => `\`${name}\` ${shortType(type)}`);
  return [`### ${view.name}`, view.comment ?? "", `Columns: ${columns.join(", ")}.`].join("\n\n");
}

function functionSection(routines: readonly Routine[]): string {
  const rows = routines.map((routine) => [
    `\`${routine.name}(${routine.arguments})\``,
    routine.isTrigger ? "trigger" : `\`${routine.result}\``,
    routine.isTrigger ? "" : routine.callers.join(", "),
    routine.comment ?? "",
  ]);
  return markdownTable(["function", "returns", "who may call it", "what it does"], rows);
}

function jobSection(jobs: readonly Job[]): string {
  const rows = jobs.map(({ name, schedule, timeout, description }) => [
    `\`${name}\``,
    `\`${schedule}\``,
    timeout,
    description,
  ]);
  return markdownTable(["job", "schedule, in UTC", "timeout", "what it does"], rows);
}

function markdownTable(head: string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function shortType(type: string): string {
  return type.replace("timestamp with time zone", "timestamptz");
}

/** "tokens_are_not_negative" reads as "tokens are not negative". */
function sentence(rule: string): string {
  return rule.replaceAll("_", " ");
}
