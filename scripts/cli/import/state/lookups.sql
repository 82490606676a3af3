-- What the values of a row mean in this project: services, payers, owners.

create or replace function agentbase_import.slug(name text, id uuid)
returns text
language sql
stable
as $$
  select case
    when slug.plain = '' then 'organization-' || left($2::text, 8)
    when exists (
      select from public.organizations where organizations.slug = slug.plain and organizations.id <> $2
    ) then left(slug.plain, 90) || '-' || left($2::text, 8)
    else slug.plain
  end
  from (
    select btrim(left(regexp_replace(lower(coalesce($1, '')), '[^a-z0-9]+', '-', 'g'), 90), '-')
      as plain
  ) slug
$$;
comment on function agentbase_import.slug(text, uuid) is
  'A slug of a name that no other organization has.';

create or replace function agentbase_import.service_of(vendor text, model text)
returns text
language plpgsql
stable
as $$
begin
  return (
    select services.id from public.vendor_services services
    where services.vendor_id = service_of.vendor and services.service_name = service_of.model
    order by services.id limit 1
  );
end
$$;
comment on function agentbase_import.service_of(text, text) is
  'The service that sells a model; null where the catalogue has none.';

-- In plpgsql, which keeps its plans: they are called for every row.
create or replace function agentbase_import.may_pay(organization uuid, person uuid)
returns boolean
language plpgsql
stable
as $$
begin
  if may_pay.person is null then
    return exists (
      select from public.organizations where organizations.id = may_pay.organization
    );
  end if;
  return exists (
    select from public.organization_members members
    where members.organization_id = may_pay.organization and members.user_id = may_pay.person
  );
end
$$;
comment on function agentbase_import.may_pay(uuid, uuid) is
  'Whether an organization exists and, where a person is given, has that person as a member.';

create or replace function agentbase_import.payer(given uuid, agent uuid, person uuid)
returns uuid
language plpgsql
stable
as $$
declare
  organization uuid;
begin
  if payer.given is not null and agentbase_import.may_pay(payer.given, payer.person) then
    return payer.given;
  end if;
  if payer.agent is not null then
    organization := (select agents.organization_id from public.agents where agents.id = payer.agent);
    if organization is not null and agentbase_import.may_pay(organization, payer.person) then
      return organization;
    end if;
  end if;
  return (
    select organizations.id from public.organizations
    where organizations.created_by = payer.person and organizations.is_personal
  );
end
$$;
comment on function agentbase_import.payer(uuid, uuid, uuid) is
  'The organization of a conversation or of a cost: the given one or the agent''s, where the person '
  'is a member, else the personal one.';

create or replace function agentbase_import.first_owner(source text, organization text)
returns uuid
language plpgsql
stable
as $$
declare
  members regclass := (
    select classes.oid from pg_catalog.pg_class classes
    where classes.relnamespace = to_regnamespace(quote_ident(first_owner.source))
      and classes.relname in ('organization_members', 'organization_users', 'org_members', 'memberships')
    limit 1
  );
  owner uuid;
begin
  if members is null then
    return null;
  end if;
  execute format(
    'select profiles.id from %s members '
    'cross join lateral (select to_jsonb(members) as fields) row '
    'join public.profiles on profiles.id::text = row.fields ->> ''user_id'' '
    'where coalesce(row.fields ->> ''organization_id'', row.fields ->> ''org_id'') = $1 '
    'order by case lower(coalesce(row.fields ->> ''role'', '''')) '
    'when ''owner'' then 0 when ''super_admin'' then 1 when ''admin'' then 2 else 3 end, '
    'row.fields ->> ''created_at'', profiles.id limit 1',
    members
  ) into owner using first_owner.organization;
  return owner;
end
$$;
comment on function agentbase_import.first_owner(text, text) is
  'Who owns an organization of the source that does not say who made it: the member with the '
  'highest role who has an account.';

create or replace function agentbase_import.platform_agent(source text, agent text)
returns uuid
language plpgsql
stable
as $$
declare
  name text;
begin
  execute format('select name::text from %I.agents where id::text = $1', platform_agent.source)
    into name using platform_agent.agent;
  return (
    select agents.id from public.agents
    where agents.is_platform and agents.name = platform_agent.name
  );
end
$$;
comment on function agentbase_import.platform_agent(text, text) is
  'The platform agent that has the name of an agent of the source.';
