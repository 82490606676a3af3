import type postgres from "postgres";
import type { Dataset } from "./dataset.ts";

/**
 * Writes everything except interactions, with the triggers that give users a profile and
 * organizations an owner.
 */
export async function populate(sql: postgres.TransactionSql, dataset: Dataset): Promise<void> {
  const people = dataset.people.map(({ id }, place) => ({
    id,
    email: `bench-${place}@example.com`,
  }));
  await sql`
    insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
    select id, 'authenticated', 'authenticated', email, '{}', '{}', now(), now()
    from jsonb_to_recordset(${sql.json(people)}) as people (id uuid, email text)`;

  const organizations = dataset.organizations.map(({ id, timeZone, members }, place) => ({
    id,
    name: `Bench ${place}`,
    slug: `bench-${place}`,
    timezone: timeZone,
    created_by: dataset.people[members[0]!]!.id,
  }));
  await sql`
    insert into public.organizations (id, name, slug, timezone, created_by)
    select id, name, slug, timezone, created_by
    from jsonb_to_recordset(${sql.json(organizations)}) as rows (
      id uuid, name text, slug text, timezone text, created_by uuid
    )`;
  const members = dataset.organizations.flatMap(({ id, members }) =>
    members.slice(1).map((member) => ({ organization_id: id, user_id: dataset.people[member]!.id }))
  );
  await sql`
    insert into public.organization_members (organization_id, user_id, role)
    select organization_id, user_id, 'member'
    from jsonb_to_recordset(${sql.json(members)}) as rows (organization_id uuid, user_id uuid)`;
  await sql`
    update public.profiles set current_organization_id = members.organization_id
    from public.organization_members members
    join public.organizations on organizations.id = members.organization_id and not organizations.is_personal
    where members.user_id = profiles.id`;

  const agents = dataset.agents.map(({ id, owner, organization, service, features }, place) => ({
    id,
    name: `bench-${place}`,
    vendor_id: service.vendor,
    service_id: service.id,
    created_by: owner === null ? null : dataset.people[owner]!.id,
    organization_id: organization === null ? null : dataset.organizations[organization]!.id,
    is_platform: owner === null,
    features,
  }));
  await sql`
    insert into public.agents (id, name, vendor_id, service_id, created_by, organization_id, is_platform, status)
    select id, name, vendor_id, service_id, created_by, organization_id, is_platform, 'active'
    from jsonb_to_recordset(${sql.json(agents)}) as rows (
      id uuid, name text, vendor_id text, service_id text, created_by uuid, organization_id uuid,
      is_platform boolean
    )`;
  await sql`
    insert into public.agent_feature_mappings (agent_id, feature_id, is_primary, user_id)
    select rows.id, feature.name, feature.place = 1, rows.created_by
    from jsonb_to_recordset(${sql.json(agents)}) as rows (id uuid, created_by uuid, features jsonb)
    cross join lateral jsonb_array_elements_text(rows.features) with ordinality as feature (name, place)`;
}
