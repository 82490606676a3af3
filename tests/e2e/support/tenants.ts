import { ok } from "node:assert/strict";
import type postgres from "postgres";
import type { Person } from "./stack.ts";

/** Makes an organization by the Data API, as its owner. @returns its id */
export async function makeOrganization(owner: Person, name: string): Promise<string> {
  const slug = `${name.toLowerCase()}-${crypto.randomUUID()}`;
  const { data, error } = await owner.supabase.from("organizations").insert({ name, slug })
    .select("id").single();
  ok(data, error?.message);
  return data.id;
}

/** Invites a person and has the person accept. */
export async function join(
  inviter: Person,
  organization: string,
  person: Person,
  role: string,
): Promise<void> {
  const invited = await inviter.supabase.rpc("invite_member", {
    organization_id: organization,
    email: person.email,
    role,
  });
  ok(invited.error === null, invited.error?.message);
  const accepted = await person.supabase.rpc("accept_invitation", { token: invited.data });
  ok(accepted.error === null, accepted.error?.message);
}

/** The organizations that a person is in, the personal one left out: id and role. */
export async function membershipsOf(sql: postgres.Sql, person: Person): Promise<string[]> {
  const rows = await sql<{ membership: string }[]>`
    select members.organization_id || ' ' || members.role as membership
    from public.organization_members members
    join public.organizations on organizations.id = members.organization_id
    where members.user_id = ${person.id} and not organizations.is_personal
    order by 1`;
  return rows.map(({ membership }) => membership);
}

/** A turn as the ledger has it: who paid, what for, and how it ended. */
export interface LedgerRow {
  organization: string;
  agent: string | null;
  state: string;
  cost: string | null;
}

/** The turns of a person, oldest first. */
export async function ledgerOf(sql: postgres.Sql, person: Person): Promise<LedgerRow[]> {
  return await sql<LedgerRow[]>`
    select organizations.slug as organization, agents.name as agent,
      turns.turn_state as state, turns.total_cost::text as cost
    from public.ai_interactions turns
    join public.organizations on organizations.id = turns.organization_id
    left join public.agents on agents.id = turns.agent_id
    where turns.user_id = ${person.id}
    order by turns.started_at`;
}

/** How many notifications a person has. */
export async function inboxOf(sql: postgres.Sql, person: Person): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::integer as count from public.notifications where user_id = ${person.id}`;
  return row?.count ?? 0;
}
