/** A query whose cost must not grow with the data. */
export interface GrowthQuestion {
  name: string;
  sql: string;
  /** Who asks: a person under row level security, or the backend for that person. */
  as: "person" | "backend";
  /**
   * How much longer it may take at the largest size than at the smallest; "rows" for as many times
   * as there are more rows, and half as much again.
   */
  limit: number | "rows";
}

/** A dataset that grows, and the queries about it. */
export interface Dataset {
  name: string;
  /** Statements that bring the data to a size; `$size` stands for it. */
  grow: readonly string[];
  questions: readonly GrowthQuestion[];
}

/** The caller, and the organization, session and agent that the queries are about. */
export const me = "00000000-0000-4000-8000-0000000000f1";
export const stranger = "00000000-0000-4000-8000-0000000000f2";
export const session = "00000000-0000-4000-9000-0000000000f1";
export const agent = "00000000-0000-4000-a000-0000000000f1";
export const strangersAgent = "00000000-0000-4000-a000-0000000000f2";
export const shared = "00000000-0000-4000-b000-0000000000f1";
export const organization =
  `(select id from organizations where created_by = '${me}' and is_personal)`;

/** Statements for the rows that exist at every size. */
export const beginning = [
  `insert into auth.users (id, email, raw_user_meta_data, created_at)
  values ('${me}', 'alice@example.com', '{}', now()), ('${stranger}', 'eve@example.com', '{}', now())`,
  `insert into chat_sessions (id, session_id, user_id, org_id, title)
  select '${session}', 'growth-the-session', '${me}', ${organization}, 'the one'`,
  `insert into chat_messages (session_id, role, content)
  select '${session}', 'user', 'message ' || n from generate_series(1, 60) n`,
  `insert into agents (id, name, created_by, is_public, vendor_id, model_name)
  values ('${agent}', 'the one', '${me}', true, 'openai', 'gpt-x'),
    ('${strangersAgent}', 'another', '${stranger}', true, 'openai', 'gpt-x')`,
  `insert into models (agent_id, name, model_id) values ('${agent}', 'm', 'gpt-x')`,
  `insert into organizations (id, name, slug, created_by) values ('${shared}', 'Shared', 'growth-shared', '${me}')`,
  `insert into organization_members (organization_id, user_id, role)
  values ('${shared}', '${stranger}', 'member')`,
  `insert into workflows (id, agent_id, name)
  values (md5('workflow')::uuid, '${agent}', 'the one'),
    (md5('workflow of a stranger')::uuid, '${strangersAgent}', 'another')`,
  `insert into webhook_endpoints (id, organization_id, name, url_preview, encrypted_url)
  select md5('endpoint' || organizations.id)::uuid, organizations.id, 'the one', 'https://example.com',
    'v1:k:' || repeat('A', 16) || ':' || repeat('A', 32)
  from organizations where is_personal`,
];

/** Runs statements without the triggers of a table, as a restore does. */
export function withoutTriggers(table: string, statement: string): string[] {
  return [
    `alter table ${table} disable trigger user`,
    statement,
    `alter table ${table} enable trigger user`,
    `vacuum analyze ${table}`,
  ];
}
