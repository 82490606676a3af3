import type postgres from "postgres";
import type { KeysApi } from "../support/keys_api.ts";

/** What a turn of the test runs with, by ids. */
export interface Scene {
  sql: postgres.Sql;
  organization: string;
  owner: string;
  /** Who calls. */
  member: string;
  vendor: string;
  service: string;
  agent: string;
  /** The model that the agent offers, and the agent that it falls back to. */
  model: string;
  fallback: string;
  /** The key that the vendor is called with, where it is a person's: its row, and how it is managed. */
  vendorKey: { id: string; manage: KeysApi } | null;
  /** The access key that the call comes with. */
  key: string;
  /** The session of the turn, by its public id. */
  session: () => Promise<string>;
}

/** Something that happens while a turn runs. */
export interface Change {
  what: string;
  make(scene: Scene): Promise<unknown>;
  /** Whether the call comes with an access key, and not with its person's token. */
  byKey?: boolean;
  /** Whether its agent falls back to another. */
  fallsBack?: boolean;
  /** Whose key the vendor is called with. @default the platform's credential */
  with?: "own" | "shared";
  /** Whether the organization is gone afterwards, with its ledger and its budgets. */
  losesLedger?: boolean;
  /** Status of the next turn in the same session. @default 200 */
  next?: number;
  /** Whether the organization has no budget afterwards that counted the turn. */
  losesBudget?: boolean;
}

const refused = async (deletion: Promise<unknown>) => {
  const was = await deletion.then(() => "deleted", () => "refused");
  if (was !== "refused") throw new Error("What a running turn is priced by was deleted");
};

/** Everything that a turn depends on, changed while it runs. */
export const CHANGES: readonly Change[] = [
  { what: "nothing happens", make: () => Promise.resolve() },
  {
    what: "its agent is deleted",
    make: ({ sql, agent }) => sql`delete from public.agents where id = ${agent}`,
    next: 404,
  },
  {
    what: "its agent is switched off",
    make: ({ sql, agent }) => sql`update public.agents set enabled = false where id = ${agent}`,
    next: 403,
  },
  {
    what: "its agent and its model get another service",
    make: ({ sql, agent, model }) =>
      sql.begin(async (tx) => {
        await tx`update public.agents set service_id = null where id = ${agent}`;
        await tx`update public.models set service_id = null where id = ${model}`;
      }),
    next: 400,
  },
  {
    what: "its service is taken out of use",
    make: ({ sql, service }) =>
      sql`update public.vendor_services set is_active = false where id = ${service}`,
    next: 400,
  },
  {
    what: "someone tries to delete its service",
    make: ({ sql, service }) =>
      refused(sql`delete from public.vendor_services where id = ${service}`.execute()),
  },
  {
    what: "its price ends",
    make: ({ sql, service }) =>
      sql`
        update public.service_prices set valid_during = tstzrange(lower(valid_during), now() - interval '1 minute')
        where service_id = ${service}`,
    next: 400,
  },
  {
    what: "its price is corrected",
    make: ({ sql, service }) =>
      sql`update public.service_prices set output_rate = 9999 where service_id = ${service}`,
  },
  {
    what: "its price is replaced",
    make: ({ sql, service }) =>
      sql.begin(async (tx) => {
        await tx`delete from public.service_prices where service_id = ${service}`;
        await tx`insert into public.service_prices (service_id, output_rate) values (${service}, 9999)`;
      }),
  },
  {
    what: "its caller is removed",
    make: ({ sql, organization, member }) =>
      sql`
        delete from public.organization_members
        where organization_id = ${organization} and user_id = ${member}`,
    next: 404,
  },
  {
    what: "its caller becomes a viewer",
    make: ({ sql, organization, member }) =>
      sql`
        update public.organization_members set role = 'viewer'
        where organization_id = ${organization} and user_id = ${member}`,
    next: 404,
  },
  {
    what: "its caller is suspended",
    make: ({ sql, member }) =>
      sql`update public.profiles set status = 'suspended' where id = ${member}`,
    next: 403,
  },
  {
    what: "its caller works elsewhere now",
    make: ({ sql, member }) =>
      sql`
        update public.profiles set current_organization_id = (
          select id from public.organizations where created_by = ${member} and is_personal
        )
        where id = ${member}`,
  },
  {
    what: "its caller's account is deleted",
    make: ({ sql, member }) => sql`delete from auth.users where id = ${member}`,
    next: 401,
  },
  {
    what: "its access key is revoked",
    byKey: true,
    make: ({ sql, key }) => sql`update public.access_keys set revoked_at = now() where id = ${key}`,
    next: 401,
  },
  {
    what: "its access key is deleted",
    byKey: true,
    make: ({ sql, key }) => sql`delete from public.access_keys where id = ${key}`,
    next: 401,
  },
  {
    what: "the person of its access key is removed",
    byKey: true,
    make: ({ sql, organization, member }) =>
      sql`
        delete from public.organization_members
        where organization_id = ${organization} and user_id = ${member}`,
    next: 401,
  },
  {
    what: "its organization is deleted",
    make: ({ sql, organization }) =>
      sql`update public.organizations set deleted_at = now() where id = ${organization}`,
    next: 404,
  },
  {
    what: "its session is deleted",
    make: async ({ sql, session }) =>
      await sql`delete from public.chat_sessions where session_id = ${await session()}`,
    next: 404,
  },
  {
    what: "its session ends",
    make: async ({ sql, session }) =>
      await sql`
        update public.chat_sessions set status = 'ended', ended_at = now()
        where session_id = ${await session()}`,
    next: 422,
  },
  {
    what: "its budget is lowered",
    make: ({ sql, organization }) =>
      sql`update public.budgets set limit_usd = 0.0000001 where organization_id = ${organization}`,
    next: 402,
  },
  {
    what: "its budget is deleted",
    make: ({ sql, organization }) =>
      sql`delete from public.budgets where organization_id = ${organization}`,
    losesBudget: true,
  },
  {
    what: "its budget is set again",
    make: ({ sql, organization }) =>
      sql.begin(async (tx) => {
        await tx`delete from public.budgets where organization_id = ${organization}`;
        await tx`
          insert into public.budgets (organization_id, period, limit_usd) values (${organization}, 'day', 10)`;
      }),
  },
  {
    what: "its organization moves to another time zone and back",
    make: async ({ sql, organization }) => {
      await sql`update public.organizations set timezone = 'Pacific/Auckland' where id = ${organization}`;
      await sql`update public.organizations set timezone = 'UTC' where id = ${organization}`;
    },
  },
  {
    what: "its organization is deleted with all that it has",
    make: ({ sql, organization }) =>
      sql`delete from public.organizations where id = ${organization}`,
    losesLedger: true,
    next: 404,
  },
  {
    what: "its organization's plan is lowered",
    make: ({ sql, organization }) =>
      sql.begin(async (tx) => {
        await tx`
          insert into public.plans (id, name, requests_per_minute, user_requests_per_minute)
          values ('e2e_narrow', 'Narrow', 1, 1) on conflict do nothing`;
        await tx`update public.organizations set plan = 'e2e_narrow' where id = ${organization}`;
      }),
    next: 429,
  },
  {
    what: "its model is deleted",
    make: ({ sql, model }) => sql`delete from public.models where id = ${model}`,
  },
  {
    what: "the agent that its own falls back to is deleted",
    fallsBack: true,
    make: ({ sql, fallback }) => sql`delete from public.agents where id = ${fallback}`,
  },
  // Without a key the plan's platform credential buys the next turn, as the local stack allows.
  ...(["own", "shared"] as const).flatMap((whose): Change[] => [
    {
      what: `its ${whose} key is deleted`,
      with: whose,
      make: ({ sql, vendorKey }) =>
        sql`delete from public.user_api_keys where id = ${vendorKey?.id ?? null}`,
    },
    {
      what: `its ${whose} key is switched off`,
      with: whose,
      make: ({ sql, vendorKey }) =>
        sql`update public.user_api_keys set is_active = false where id = ${vendorKey?.id ?? null}`,
    },
    {
      what: `its ${whose} key is replaced`,
      with: whose,
      make: async ({ vendorKey }) => {
        const key = `sk-e2e-${crypto.randomUUID()}`;
        const replaced = await vendorKey?.manage("PUT", `/keys/${vendorKey.id}`, { key });
        if (replaced?.status !== 200) throw new Error(JSON.stringify(replaced?.body));
      },
    },
  ]),
  {
    what: "its shared key is unshared",
    with: "shared",
    make: ({ sql, vendorKey }) =>
      sql`
        update public.user_api_keys set organization_id = null where id = ${vendorKey?.id ?? null}`,
  },
];
