-- Rows of the ledger: what triggers fill in and check.

create function private.organization_for_record(agent_id uuid, user_id uuid)
returns uuid
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.organization_for_record(uuid, uuid) is
  'The organization of an interaction: the agent''s if the person may chat there, else the '
  'person''s current one, else the personal one.';

create function private.complete_interaction()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.complete_interaction() is
  'Trigger: fills in the organization that pays and the agent''s vendor.';
create trigger complete_interaction before insert on public.ai_interactions
  for each row when (
    new.organization_id is null or (new.vendor_id is null and new.agent_id is not null)
  )
  execute function private.complete_interaction();

create function private.refuse_implausible_date()
returns trigger
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.refuse_implausible_date() is
  'Trigger: refuses an entry by hand whose day is implausible, as each day costs the jobs a step. '
  'Errors: PT400 date_out_of_range.';
create trigger refuse_implausible_date before insert on public.ai_interactions
  for each row when (new.source = 'manual') execute function private.refuse_implausible_date();

create function private.check_agent()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.check_agent() is
  'Trigger: a new interaction must reference an existing agent, which may be deleted later.';
-- Runs after the policies, so that it does not reveal which agents exist.
create trigger check_agent after insert on public.ai_interactions
  -- The agent of a turn existed when it began.
  for each row when (new.agent_id is not null and new.source = 'manual')
  execute function private.check_agent();
create trigger check_new_agent after update of agent_id on public.ai_interactions
  for each row when (new.agent_id is distinct from old.agent_id and new.agent_id is not null)
  execute function private.check_agent();

create function private.measure_interaction()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.duration_minutes = floor(extract(epoch from new.ended_at - new.started_at) / 60);
  return new;
end
$$;
comment on function private.measure_interaction() is
  'Trigger: computes the duration of an interaction whose start and end are known.';
create trigger measure_interaction
  before insert or update of started_at, ended_at, duration_minutes
  on public.ai_interactions
  for each row when (new.ended_at >= new.started_at)
  execute function private.measure_interaction();

create function private.mark_member_active()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.mark_member_active() is
  'Trigger: keeps last_active_at of members, to five minutes.';
create trigger mark_member_active after insert on public.ai_interactions
  for each row execute function private.mark_member_active();

create function private.scrub_interactions_of(user_id uuid, batch integer default null)
returns integer
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.scrub_interactions_of(uuid, integer) is
  'Removes a person and their texts from a number of rows of ledgers, or from all if null, and '
  'returns how many.';

create function private.scrub_interactions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.scrub_interactions_of(old.id);
  return old;
end
$$;
comment on function private.scrub_interactions() is
  'Trigger on auth.users: when a person is deleted, organizations keep their figures without the '
  'person''s texts.';
