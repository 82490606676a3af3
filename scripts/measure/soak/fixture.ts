import { createClient } from "@supabase/supabase-js";
import type postgres from "postgres";
import { addAgent, addVendor } from "../../../tests/e2e/support/fault_vendor.ts";
import type { StackEnvironment } from "../../stack/folder/environment-file.ts";

/** The users and models of the soak. */
export interface Fixture {
  /** One access token for each client. */
  tokens: string[];
  /** Names of agents, each with a circuit of its own. */
  models: string[];
  /** The same for embeddings. */
  embeddingModels: string[];
  /** What the vendor calls the model. */
  service: string;
}

/** Where people sign up. */
type Project = Pick<StackEnvironment, "API_URL" | "PUBLISHABLE_KEY">;

/** Many, since an open circuit makes one of them unavailable for a while. */
const AGENTS = 60;
const EMBEDDERS = 15;

/** Clients that share an organization. */
const COLLEAGUES = 4;

/** Sets a stack up: a vendor by rows, agents, organizations with budgets, limits out of the way. */
export async function makeFixture(
  sql: postgres.Sql,
  environment: Project,
  options: { clients: number; vendor: string; baseUrl: string },
): Promise<Fixture> {
  const vendor = await addVendor(sql, options.vendor, options.baseUrl);
  const agents = [vendor.agent];
  while (agents.length < AGENTS) agents.push(await addAgent(sql, vendor.vendor, vendor.service));
  const embedding = await addVendor(sql, options.vendor, options.baseUrl);
  await sql`
    update public.vendor_services set service_kind = 'embedding' where id = ${embedding.service}`;
  const embedders = [embedding.agent];
  while (embedders.length < EMBEDDERS) {
    embedders.push(await addAgent(sql, embedding.vendor, embedding.service));
  }
  await sql`
    update public.plans set requests_per_minute = 1000000, user_requests_per_minute = 1000000`;

  const tokens: string[] = [];
  for (let begun = 0; begun < options.clients; begun += COLLEAGUES) {
    const size = Math.min(COLLEAGUES, options.clients - begun);
    const people = await Promise.all(Array.from({ length: size }, () => signUp(environment)));
    tokens.push(...people.map(({ token }) => token));
    // Every second organization exhausts its budget during the soak.
    const limit = (begun / COLLEAGUES) % 2 === 0 ? 100_000 : 5;
    await organize(sql, people.map(({ id }) => id), agents.map(({ id }) => id), limit);
  }
  return {
    tokens,
    models: agents.map(({ name }) => name),
    embeddingModels: embedders.map(({ name }) => name),
    service: vendor.service,
  };
}

/** Puts people into an organization with every scope and period of budget. */
async function organize(
  sql: postgres.Sql,
  people: string[],
  agents: string[],
  limit: number,
): Promise<void> {
  const [organization] = await sql<{ id: string }[]>`
    insert into public.organizations (name, slug, created_by)
    values ('Soak', ${`soak-${crypto.randomUUID()}`}, ${people[0] ?? null})
    returning id`;
  if (!organization) throw new Error("Cannot make an organization for the soak: no row came back");
  await sql`
    insert into public.organization_members (organization_id, user_id, role)
    select ${organization.id}, person, 'owner' from unnest(${people}::uuid[]) person
    on conflict do nothing`;
  await sql`
    update public.profiles set current_organization_id = ${organization.id}
    where id = any (${people}::uuid[])`;
  await sql`
    insert into public.budgets (organization_id, user_id, agent_id, period, limit_usd)
    select ${organization.id}::uuid, null::uuid, null::uuid, period, ${limit}::numeric
    from unnest(array['day', 'month', 'total']) period
    union all
    select ${organization.id}::uuid, person, null, 'month', 100000 from unnest(${people}::uuid[]) person
    union all
    select ${organization.id}::uuid, null, agent, 'day', 100000
    from unnest(${agents.slice(0, 3)}::uuid[]) agent`;
}

async function signUp(environment: Project): Promise<{ id: string; token: string }> {
  const client = createClient(environment.API_URL, environment.PUBLISHABLE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const email = `soak-${crypto.randomUUID()}@example.com`;
  const { data, error } = await client.auth.signUp({ email, password: "a good password" });
  if (!data.session) throw new Error(`Cannot sign "${email}" up: ${error?.message}`);
  return { id: data.session.user.id, token: data.session.access_token };
}
