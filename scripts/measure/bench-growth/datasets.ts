import {
  agent,
  type Dataset,
  me,
  organization,
  session,
  stranger,
  withoutTriggers,
} from "./dataset.ts";
import { recordDatasets } from "./record-datasets.ts";

const agentsOf = (owner: string, isPublic: boolean) =>
  withoutTriggers(
    "agents",
    `insert into agents (name, created_by, is_public, is_platform, is_active, config_json, vendor_id,
      llm_provider, model_name, llm_model, created_at)
    select 'generated ' || n, '${owner}', ${isPublic}, false, true, '{}', 'openai', 'openai', 'gpt-4o', 'gpt-4o',
      now() - n * interval '1 second'
    from generate_series(
      (select count(*) + 1 from agents where created_by = '${owner}'), $size
    ) n`,
  );

/** The datasets, in this order: each also has the rows of those before it. */
export const datasets: readonly Dataset[] = [
  {
    name: "own sessions",
    grow: withoutTriggers(
      "chat_sessions",
      `insert into chat_sessions (user_id, org_id, title, started_at, last_activity_at)
      select '${me}', ${organization}, 'generated', now() - n * interval '1 minute',
        now() - n * interval '1 minute'
      from generate_series((select count(*) from chat_sessions), $size) n`,
    ),
    questions: [
      {
        name: "50 messages of one session",
        sql:
          `select * from chat_messages where session_id = '${session}' order by seq desc limit 50`,
        as: "person",
        limit: 3,
      },
      {
        name: "a message written by hand",
        sql: `insert into chat_messages (session_id, role, content)
          values ('${session}', 'user', 'x')`,
        as: "person",
        limit: 3,
      },
      {
        name: "list_sessions(), 50",
        sql: "select * from list_sessions()",
        as: "person",
        limit: 3,
      },
    ],
  },
  {
    name: "public agents of strangers",
    grow: agentsOf(stranger, true),
    questions: [
      {
        name: "models of one agent",
        sql: `select * from models where agent_id = '${agent}'`,
        as: "person",
        limit: 3,
      },
      {
        name: "a public agent by its id",
        sql: `select * from public_agents where id = '${agent}'`,
        as: "person",
        limit: 3,
      },
      {
        name: "the latest 50 public agents",
        sql: "select * from public_agents order by created_at desc limit 50",
        as: "person",
        limit: 3,
      },
      {
        name: "a session begun with an agent",
        sql: `insert into chat_sessions (user_id, org_id, agent_id)
          select '${me}', ${organization}, '${agent}'`,
        as: "person",
        limit: 3,
      },
    ],
  },
  {
    name: "own agents",
    grow: [
      ...agentsOf(me, false),
      ...withoutTriggers(
        "workflows",
        `insert into workflows (agent_id, name, status)
        select agents.id, 'generated', 'active' from agents
        where agents.created_by = '${me}'
          and not exists (select from workflows where workflows.agent_id = agents.id)`,
      ),
      ...withoutTriggers(
        "deployments",
        `insert into deployments (agent_id)
        select agents.id from agents
        where agents.created_by = '${me}' and agents.id <> '${agent}'
          and not exists (select from deployments where deployments.agent_id = agents.id)`,
      ),
    ],
    questions: [
      {
        name: "the dashboard query of seed 003, all agents",
        sql: `select a.*, d.status as deployment_status, d.deployed_at, w.execution_count,
            w.success_count, w.error_count
          from agents a
          left join lateral (
            select status, deployed_at from deployments
            where agent_id = a.id order by created_at desc limit 1
          ) d on true
          left join lateral (
            select execution_count, success_count, error_count from workflows
            where agent_id = a.id order by created_at desc limit 1
          ) w on true
          where a.created_by = '${me}' order by a.updated_at desc`,
        as: "person",
        limit: "rows",
      },
      {
        name: "deploy_agent()",
        sql: `select deploy_agent('${agent}')`,
        as: "person",
        limit: 3,
      },
      {
        name: "a target by agent/model",
        sql: "select private.find_chat_target('the one/m', null, private.my_organization())",
        as: "backend",
        limit: 3,
      },
      {
        name: "GET /models/{id}",
        sql: `select list_chat_models('{"user_id": "${me}"}', model => 'the one/m')`,
        as: "backend",
        limit: 3,
      },
      {
        name: "GET /models",
        sql: `select list_chat_models('{"user_id": "${me}"}')`,
        as: "backend",
        limit: "rows",
      },
      {
        name: "agent_summaries(), 50",
        sql: "select * from agent_summaries()",
        as: "person",
        limit: 3,
      },
      {
        name: "agent_summary, the latest 50",
        sql: "select * from agent_summary order by created_at desc limit 50",
        as: "person",
        limit: "rows",
      },
    ],
  },
  {
    name: "own interactions",
    grow: withoutTriggers(
      "ai_interactions",
      `insert into ai_interactions (
        organization_id, user_id, title, vendor_id, interaction_type_id, started_at
      )
      select ${organization}, '${me}', 'generated', 'openai', 'conversation',
        now() - n * interval '1 minute'
      from generate_series((select count(*) + 1 from ai_interactions), $size) n`,
    ),
    questions: [
      {
        name: "recent_interactions, 50 of all",
        sql: "select * from recent_interactions order by started_at desc limit 50",
        as: "person",
        limit: 3,
      },
      {
        name: "list_interactions(), a page far back",
        sql: "select * from list_interactions(50, now() - interval '12 hours')",
        as: "person",
        limit: 3,
      },
      {
        name: "list_interactions(), of a vendor without any",
        sql: "select * from list_interactions(vendor_id => 'cohere')",
        as: "person",
        limit: 3,
      },
    ],
  },
  {
    name: "notifications of others",
    grow: withoutTriggers(
      "notifications",
      `insert into notifications (user_id, type, title, message, created_at)
      select '${stranger}', 't', 't', 'm', now() + n * interval '1 second'
      from generate_series((select count(*) + 1 from notifications), $size) n`,
    ),
    questions: [
      {
        name: "the latest 50 notifications",
        sql: "select * from notifications order by created_at desc limit 50",
        as: "person",
        limit: 3,
      },
    ],
  },
  {
    name: "messages of a session",
    grow: withoutTriggers(
      "chat_messages",
      `insert into chat_messages (session_id, role, content)
      select '${session}', case when n % 2 = 0 then 'assistant' else 'user' end, repeat('word ', 40)
      from generate_series((select count(*) from chat_messages), $size) n`,
    ),
    questions: [
      {
        name: "history for a window of 4,000 tokens",
        sql: `select private.recent_history('${session}', 4000, false)`,
        as: "backend",
        limit: 3,
      },
    ],
  },
  ...recordDatasets,
];
