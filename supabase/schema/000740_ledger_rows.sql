-- The current state of what 000740_ledger_rows.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.check_agent()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  if tg_op = 'INSERT' and current_setting('agentbase.is_retention', true) = 'on' then
    return null;
  end if;
  perform from public.agents where agents.id = new.agent_id for key share;
  if not found then
    perform private.refuse('agent_not_found', 'Agent not found, or you may not see it.');
  end if;
  return null;
end
$body$;

create function private.complete_interaction()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- Rows restored from an archive are unchanged.
  if current_setting('agentbase.is_retention', true) = 'on' then
    return new;
  end if;
  if new.organization_id is null then
    new.organization_id = private.organization_for_record(new.agent_id, new.user_id);
  end if;
  -- Later changes of the agent do not change which vendor it called.
  new.vendor_id = coalesce(
    new.vendor_id, (select agents.vendor_id from public.agents where agents.id = new.agent_id)
  );
  return new;
end
$body$;

create function private.mark_member_active()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- To five minutes, so that a busy member's row is not updated with every turn. No turn waits for
  -- it: the transaction that holds the row does the same.
  if current_setting('agentbase.is_retention', true) = 'on' or not exists (
    select from public.organization_members members
    where members.organization_id = new.organization_id
      and members.user_id = new.user_id
      and (members.last_active_at is null or members.last_active_at < now() - interval '5 minutes')
  ) then
    return null;
  end if;
  update public.organization_members
  set last_active_at = now()
  where (organization_members.organization_id, organization_members.user_id) in (
    select members.organization_id, members.user_id
    from public.organization_members members
    where members.organization_id = new.organization_id
      and members.user_id = new.user_id
      and (members.last_active_at is null or members.last_active_at < now() - interval '5 minutes')
    for no key update skip locked
  );
  return null;
end
$body$;

create function private.measure_interaction()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.duration_minutes = floor(extract(epoch from new.ended_at - new.started_at) / 60);
  return new;
end
$body$;

create function private.organization_for_record(agent_id uuid, user_id uuid)
returns uuid
language sql stable security invoker
set search_path=""
as $body$
  -- A client's own, or those of the person for whom a backend records.
  with memberships as (
    select mine.id from private.my_organizations('member') mine (id)
    union all
    select members.organization_id
    from public.organization_members members
    join public.organizations on organizations.id = members.organization_id
    where (select auth.uid()) is null
      and members.user_id = organization_for_record.user_id
      and private.role_rank(members.role) >= private.role_rank('member')
      and organizations.deleted_at is null
  )
  select coalesce(
    (
      select agents.organization_id from public.agents
      where agents.id = organization_for_record.agent_id
        and (
          agents.organization_id in (select memberships.id from memberships)
          -- A backend that records for no user: only the agent's organization is known.
          or (select auth.uid()) is null and organization_for_record.user_id is null
        )
    ),
    private.my_organization(),
    (
      select profiles.current_organization_id from public.profiles
      where profiles.id = organization_for_record.user_id
        and profiles.current_organization_id in (select memberships.id from memberships)
    ),
    (
      select organizations.id from public.organizations
      where organizations.created_by = organization_for_record.user_id
        and organizations.is_personal
    )
  )
$body$;

create function private.refuse_implausible_date()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if current_user not in ('anon', 'authenticated')
    or (
      new.started_at between now() - interval '10 years' and now() + interval '1 day'
      and coalesce(new.ended_at <= now() + interval '1 day', true)
    )
  then
    return new;
  end if;
  perform private.refuse(
    'date_out_of_range',
    'The interaction begins or ends more than ten years ago or more than a day ahead.',
    'Check "started_at" and "ended_at".'
  );
  return null;
end
$body$;

create function private.scrub_interactions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.scrub_interactions_of(old.id);
  return old;
end
$body$;

create function private.scrub_interactions_of(user_id uuid, batch integer DEFAULT NULL::integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  scrubbed integer;
begin
  update public.ai_interactions
  -- The first two here, so that their foreign keys have no rows left to update again.
  set user_id = null, session_id = null, title = 'Deleted', description = null,
    content_preview = null, full_content = null, feedback_notes = null, external_link = null,
    external_id = null, external_metadata = '{}', tags = '{}', keywords = '{}'
  where ai_interactions.id in (
    select interactions.id from public.ai_interactions interactions
    where interactions.user_id = scrub_interactions_of.user_id
    limit scrub_interactions_of.batch
  );
  get diagnostics scrubbed = row_count;
  return scrubbed;
end
$body$;
