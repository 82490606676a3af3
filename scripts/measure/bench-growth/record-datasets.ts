import {
  agent,
  type Dataset,
  me,
  organization,
  shared,
  stranger,
  strangersAgent,
  withoutTriggers,
} from "./dataset.ts";

/** Latest fifty rows of a table beside `$size` of a stranger's, which are newer. */
function latestOf(
  { table, columns, own, others, filter }: {
    table: string;
    columns: string;
    own: string;
    others: string;
    filter: string;
  },
): Dataset {
  return {
    name: `${table} of others`,
    grow: withoutTriggers(
      table,
      `insert into ${table} (${columns}, created_at)
      select ${own}, now() - n * interval '1 minute' from generate_series(1, 60) n
      where (select count(*) from ${table}) < 60
      union all
      select ${others}, now() + n * interval '1 millisecond'
      from generate_series((select count(*) + 61 from ${table}), $size) n`,
    ),
    questions: [{
      name: `the latest 50 of ${table}`,
      sql: `select * from ${table} where ${filter} order by created_at desc limit 50`,
      as: "person",
      limit: 3,
    }],
  };
}

/** Datasets of records that jobs remove, and of many organizations. */
export const recordDatasets: readonly Dataset[] = [
  latestOf({
    table: "agent_thoughts",
    columns: "agent_id, node_id, node_type, content",
    own: `'${agent}'::uuid, 'n' || n, 'input', 'x'`,
    others: `'${strangersAgent}'::uuid, 'n' || n, 'input', 'x'`,
    filter: `agent_id = '${agent}'`,
  }),
  latestOf({
    table: "workflow_executions",
    columns: "workflow_id, execution_id",
    own: "md5('workflow')::uuid, 'own ' || n",
    others: "md5('workflow of a stranger')::uuid, 'other ' || n",
    filter: "workflow_id = md5('workflow')::uuid",
  }),
  {
    name: "the same executions",
    grow: [],
    questions: [{
      name: "report_workflow(), an end with two thoughts",
      sql: `select report_workflow('{"user_id": "${me}"}', md5('workflow')::uuid, '{
        "execution_id": "reported", "status": "success", "input": {"q": 1},
        "output": {"answer": 42}, "thoughts": [
          {"node_id": "b", "parent_node_id": "a", "node_type": "action", "content": "B"},
          {"node_id": "a", "node_type": "input", "content": "A"}
        ]}')`,
      as: "backend",
      limit: 3,
    }],
  },
  latestOf({
    table: "agent_versions",
    columns: "agent_id, version, configuration",
    own: `'${agent}'::uuid, 100 + n, '{}'::jsonb`,
    others: `'${strangersAgent}'::uuid, n, '{}'::jsonb`,
    filter: `agent_id = '${agent}'`,
  }),
  latestOf({
    table: "webhook_deliveries",
    columns: "organization_id, endpoint_id, event_type",
    own: `${organization}, md5('endpoint' || ${organization})::uuid, 'x.y'`,
    others: `'${shared}'::uuid, md5('endpoint' || ${organization})::uuid, 'x.y'`,
    filter: `organization_id = ${organization}`,
  }),
  {
    name: "conversations beyond their retention",
    grow: [
      "update plans set conversation_days = 150",
      ...withoutTriggers(
        "chat_sessions",
        `insert into chat_sessions (user_id, org_id, title, started_at, last_activity_at)
      select '${me}', ${organization}, 'old', now() - interval '200 days', now() - interval '200 days'
      from generate_series((select count(*) + 1 from chat_sessions where title = 'old'), $size) n`,
      ),
    ],
    questions: [{
      name: "a step of the job that removes them",
      sql: `select private.remove_old_sessions(${organization}, 1000)`,
      as: "backend",
      limit: 3,
    }],
  },
  {
    name: "a person's rows of an organization's ledger",
    grow: withoutTriggers(
      "ai_interactions",
      `insert into ai_interactions (
        organization_id, user_id, title, vendor_id, interaction_type_id, started_at
      )
      select '${shared}', '${stranger}', 'generated', 'openai', 'conversation',
        now() - n * interval '1 minute'
      from generate_series(
        (select count(*) + 1 from ai_interactions where user_id = '${stranger}'), $size
      ) n`,
    ),
    questions: [{
      name: "deletion of the person",
      sql: `delete from auth.users where id = '${stranger}'`,
      as: "backend",
      limit: 3,
    }],
  },
  {
    name: "members of an organization, a tenth as many",
    grow: [
      `insert into auth.users (id, email, raw_user_meta_data, created_at)
      select md5('member' || n)::uuid, 'member' || n || '@example.com', '{}', now()
      from generate_series(
        (select count(*) from organization_members where organization_id = '${shared}'), $size / 10
      ) n`,
      ...withoutTriggers(
        "organization_members",
        `insert into organization_members (organization_id, user_id, role)
        select '${shared}', md5('member' || n)::uuid, 'member'
        from generate_series(
          (select count(*) from organization_members where organization_id = '${shared}'), $size / 10
        ) n`,
      ),
    ],
    questions: [{
      name: "50 people of the organization",
      sql: `select * from organization_people where organization_id = '${shared}' limit 50`,
      as: "person",
      limit: 3,
    }, {
      name: "one of them",
      sql: `select * from organization_people
        where organization_id = '${shared}' and user_id = md5('member50')::uuid`,
      as: "person",
      limit: 3,
    }],
  },
  {
    name: "organizations without usage for 60 days",
    grow: [
      ...withoutTriggers(
        "organizations",
        `insert into organizations (id, name, slug)
        select md5('idle' || n)::uuid, 'idle', 'growth-idle-' || n
        from generate_series((select count(*) from organizations where name = 'idle') + 1, $size) n`,
      ),
      `insert into usage_calendars (organization_id, timezone)
      select id, 'UTC' from organizations where name = 'idle' on conflict do nothing`,
      "analyze usage_calendars",
      `update private.usage_watermark set rolled_up_until = now() - interval '60 days',
        next_until = null, next_transaction = null`,
    ],
    questions: [{
      name: "refresh_daily_usage()",
      sql: "select refresh_daily_usage()",
      as: "backend",
      limit: "rows",
    }],
  },
  {
    name: "own organizations, a hundredth as many",
    grow: [
      // All that is there is counted before, as the job does.
      "select refresh_daily_usage() from generate_series(1, 100)",
      ...withoutTriggers(
        "organization_members",
        `insert into organization_members (organization_id, user_id, role)
      select md5('idle' || n)::uuid, '${me}', 'owner' from generate_series(1, $size / 100) n
      on conflict do nothing`,
      ),
    ],
    questions: [{
      name: "get_usage(), a year, after the sixth call",
      sql: "select * from get_usage('day', current_date - 364, current_date)",
      as: "person",
      limit: "rows",
    }],
  },
];
