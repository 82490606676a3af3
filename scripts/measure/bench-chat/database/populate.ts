import postgres from "postgres";

/** Numbers of rows that the benchmark's database has. */
export const population = {
  people: 64,
  agents: 64,
  /** Each client of pgbench has its own part of them. */
  sessions: 16_000,
};

/** The vendor of every agent here, whose credential is BENCH_ECHO_API_KEY. */
export const echoVendor = "bench_echo";

/**
 * The ids of what {@linkcode populate} makes end in a number, so that a script can name them without
 * asking for them.
 */
const idPrefix = {
  person: "00000000-0000-4000-9001-",
  organization: "00000000-0000-4000-9002-",
  agent: "00000000-0000-4000-9003-",
  model: "00000000-0000-4000-9004-",
  session: "00000000-0000-4000-9005-",
  price: "00000000-0000-4000-9006-",
};

/** The id of the thing of this kind with this number. */
export function idOf(kind: keyof typeof idPrefix, number: number): string {
  return idPrefix[kind] + String(number).padStart(12, "0");
}

/** The id of the thing of this kind with this number, which is an expression of SQL. */
export function sqlIdOf(kind: keyof typeof idPrefix, number: string): string {
  return `('${idPrefix[kind]}' || lpad((${number})::text, 12, '0'))::uuid`;
}

/** The name by which a request asks for the model of the agent with this number. */
export function modelName(number: number): string {
  return `bench-model-${number}`;
}

/**
 * Gives an empty, migrated database people with an organization each, platform agents with a model
 * each, and sessions with a turn behind them; all agents are those of one vendor, which has a price.
 *
 * The turns matter: plans that Postgres makes for empty tables, and keeps, read them from end to end.
 *
 * @param url Connection string of `postgres`.
 * @param upstreamUrl Where the vendor's API begins.
 */
export async function populate(url: string, upstreamUrl: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(catalogueSql(upstreamUrl));
    await sql.unsafe(turnsSql);
    await sql.unsafe("vacuum analyze");
  } finally {
    await sql.end();
  }
}

/** People, organizations, agents, models and sessions. */
function catalogueSql(upstreamUrl: string): string {
  const { people, agents, sessions } = population;
  return `
      insert into public.plans (id, name, requests_per_minute, user_requests_per_minute)
      values ('bench', 'Bench', 1000000, 1000000);
      insert into public.vendors (id, name, base_url) values ('${echoVendor}', 'Echo', '${upstreamUrl}');
      insert into public.vendor_services (id, vendor_id, service_name, display_name, context_window)
      values ('${echoVendor}_model', '${echoVendor}', 'echo-1', 'Echo', 128000);
      insert into public.service_prices (id, service_id, valid_during, input_rate, output_rate)
      values (${sqlIdOf("price", "0")}, '${echoVendor}_model', '[2020-01-01,)', 2.5, 10);

      insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
      select ${
    sqlIdOf("person", "n")
  }, 'authenticated', 'authenticated', 'bench-' || n || '@example.com', '{}', '{}', now(), now()
      from generate_series(0, ${people - 1}) n;
      insert into public.organizations (id, name, slug, plan, created_by)
      select ${sqlIdOf("organization", "n")}, 'Bench ' || n, 'bench-' || n, 'bench', ${
    sqlIdOf("person", "n")
  }
      from generate_series(0, ${people - 1}) n;
      update public.profiles set current_organization_id = organizations.id
      from public.organizations
      where organizations.plan = 'bench' and profiles.id = organizations.created_by;

      insert into public.agents (id, name, vendor_id, service_id, is_platform)
      select ${sqlIdOf("agent", "n")}, 'bench-' || n, '${echoVendor}', '${echoVendor}_model', true
      from generate_series(0, ${agents - 1}) n;
      insert into public.models (id, agent_id, name, provider, model_id, service_id)
      select ${sqlIdOf("model", "n")}, ${
    sqlIdOf("agent", "n")
  }, 'bench-model-' || n, 'echo', 'echo-1', '${echoVendor}_model'
      from generate_series(0, ${agents - 1}) n;
      insert into public.chat_sessions (id, session_id, user_id, org_id, agent_id, model_id)
      select
        ${sqlIdOf("session", "n")}, 'sess_bench_' || lpad(n::text, 12, '0'), ${
    sqlIdOf("person", `n % ${people}`)
  },
        ${sqlIdOf("organization", `n % ${people}`)}, ${sqlIdOf("agent", `n % ${agents}`)}, ${
    sqlIdOf("model", `n % ${agents}`)
  }
      from generate_series(0, ${sessions - 1}) n;
    `;
}

/** A settled turn with its messages and its attempt in each session. */
const turnsSql = `
      insert into public.ai_interactions (
        user_id, organization_id, agent_id, session_id, model_id, vendor_id, service_id, source, title,
        started_at, ended_at, input_tokens, output_tokens, total_cost, status, turn_state, request_id
      )
      select
        user_id, org_id, agent_id, id, model_id, '${echoVendor}', '${echoVendor}_model', 'chat', 'Chat with bench',
        now() - interval '1 day', now() - interval '1 day', 25, 18, 0.0002425, 'completed', 'succeeded', 'before-' || id
      from public.chat_sessions;
      insert into public.chat_messages (session_id, interaction_id, role, content)
      select session_id, id, role, 'Said before.'
      from public.ai_interactions, unnest(array['user', 'assistant']) role;
      insert into public.agent_executions (interaction_id, agent_id, vendor_id, service_id, status, started_at)
      select id, agent_id, vendor_id, service_id, 'succeeded', started_at from public.ai_interactions;
    `;
