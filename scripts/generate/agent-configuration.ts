import type { Sql } from "postgres";
import { z } from "zod";

const fieldsSchema = z.array(z.object({
  group_name: z.string(),
  name: z.string(),
  rule: z.string(),
  default_value: z.string().nullable(),
  stored_in: z.string(),
  path: z.array(z.string()),
  request_field: z.string().nullable(),
  read_by: z.enum(["gateway", "voice", "widget", "job", "runtime"]),
  meaning: z.string(),
}));

type Field = z.infer<typeof fieldsSchema>[number];

const header = `# Configuration of an agent

Written by \`npm run generate\` from \`private.agent_fields\`, which also makes the validation and the
JSON Schema ([agent-configuration.schema.json](agent-configuration.schema.json),
\`agent_configuration_schema()\`).

A field is a column of \`agents\` or a place in one of its documents: \`config.model.top_p\` is written as
\`update agents set config = '{"model": {"top_p": 0.9}}'\`. Seed 004's words are the same columns:
\`llm_provider\`, \`llm_model\` and \`config_json\`. Null, or leaving a field out, unsets it.

- **Every way in is validated**: tables, views, SQL functions and imports. A value that a field does not
  take is refused with \`agent_config_invalid\`, which names all fields that are wrong.
- Groups within \`config\` take no other fields, so that a misspelled name is noticed; what your
  application adds goes below \`extra\` or beside the groups. \`voice_settings\`, \`speech_processing\`,
  \`security\` and \`deployment_config\` may have further keys of their vendors.
- **gateway** fields are applied by every chat, that of voice turns and visitors included. Where the caller
  sends a field, the caller's counts. With a credential that is not the caller's own, fields are
  forwarded by the [allow-list](decisions/platform-credential.md).
- **voice** fields are applied by voice turns (\`POST /audio/turns\`), where the vendor that is called
  has such a setting; \`POST /audio/speech\` and \`/audio/transcriptions\` name a model, and no agent.
- **widget** fields are applied to visitors of websites.
- **job** fields are applied by a job ([retention](decisions/retention.md)).
- The backend applies what an agent states. Defaults are for runtimes.
- **runtime** fields are delivered to your runtime by \`agent_runtime_config(agent)\`, one call with all
  fields, defaults filled in. Secrets are references, the names of encrypted values in
  \`ai_agent_configs\`; knowledge bases are references that the backend does not resolve.
- \`publish_agent(agent, title)\` keeps the configuration as a version in \`agent_versions\` and opens the
  agent to its sites; \`rollback_agent(agent, version)\` returns to one;
  \`agent_runtime_config(agent, version)\` delivers one.
- **Who is answered by what**: visitors of websites, and people who may not edit the agent, are answered
  by the version that was published last; those who edit it, and their access keys, chat with the agent
  as it is, so that a change can be tried before it is published. An agent without a published version,
  or whose \`is_published\` is false, answers everyone as it is. \`security\`, \`deployment_config\`,
  \`status\` and \`enabled\` hold at once for everyone. The models of an agent (\`models\`) have no
  versions.
`;

/** docs/agent-configuration.md: every field by group. */
export async function agentConfigurationPage(sql: Sql): Promise<string> {
  const fields = fieldsSchema.parse(
    await sql`
      select group_name, name, private.agent_field_rule(fields) as rule,
        default_value::text as default_value, stored_in, path, request_field, read_by, meaning
      from private.agent_fields fields order by place`,
  );
  const groups = [...new Set(fields.map(({ group_name }) => group_name))];
  const sections = groups.map((group) => {
    const rows = fields.filter(({ group_name }) => group_name === group).map(row);
    return [
      `## ${group}`,
      "",
      "| field | where | value | default | read by | meaning |",
      "| --- | --- | --- | --- | --- | --- |",
      ...rows,
    ].join("\n");
  });
  return `${header}\n${readers(fields)}\n\n${sections.join("\n\n")}\n`;
}

/** Which fields have an effect here, and which are left to a runtime. */
function readers(fields: readonly Field[]): string {
  const applied = fields.filter(({ read_by }) => read_by !== "runtime");
  const lists = ["gateway", "voice", "widget", "job"].map((reader) => {
    const names = applied.filter(({ read_by }) => read_by === reader)
      .map(({ group_name, name }) => `\`${group_name}.${name}\``);
    return `- **${reader}**, ${names.length}: ${names.join(", ")}.`;
  });
  return [
    "## What the backend applies",
    "",
    `Of the ${fields.length} fields, the backend applies ${applied.length}:`,
    "",
    ...lists,
    "",
    `The other ${
      fields.length - applied.length
    } are only delivered: they have an effect where your ` +
    "runtime applies them.",
  ].join("\n");
}

function row(field: Field): string {
  const sent = field.request_field === null ? "" : `, sent as \`${field.request_field}\``;
  const cells = [
    `\`${field.name}\``,
    `\`${[field.stored_in, ...field.path].join(".")}\``,
    field.rule,
    field.default_value === null ? "" : `\`${field.default_value}\``,
    `${field.read_by}${sent}`,
    field.meaning,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** docs/agent-configuration.schema.json. */
export async function agentConfigurationSchema(sql: Sql): Promise<string> {
  const [found] = z.array(z.object({ schema: z.unknown() })).parse(
    await sql`select public.agent_configuration_schema() as schema`,
  );
  return `${JSON.stringify(found?.schema, null, 2)}\n`;
}
