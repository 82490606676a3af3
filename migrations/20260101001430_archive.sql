-- How rows that an archive holds are brought back.

create unlogged table private.archived_interactions (
  like public.ai_interactions including defaults including comments,
  primary key (id)
);
comment on table private.archived_interactions is
  'Interactions that npm run archive read from its files, on their way back into the ledger. '
  'Unlogged, and empty but for that time.';

create function private.without_what_is_gone()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  left_out integer;
begin
  -- A row without its person or key would be another row in the figures.
  delete from private.archived_interactions archived
  where not exists (
    select from public.organizations where organizations.id = archived.organization_id
  )
    or archived.user_id is not null
    and not exists (select from public.profiles where profiles.id = archived.user_id)
    or archived.vendor_id is not null
    and not exists (select from public.vendors where vendors.id = archived.vendor_id)
    or archived.access_key_id is not null
    and not exists (select from public.access_keys keys where keys.id = archived.access_key_id);
  get diagnostics left_out = row_count;
  update private.archived_interactions archived
  set session_id = (
    select sessions.id from public.chat_sessions sessions where sessions.id = archived.session_id
  ),
      model_id = (select models.id from public.models where models.id = archived.model_id),
      service_id = (
        select services.id
        from public.vendor_services services
        where services.id = archived.service_id
      ),
      price_id = (
        select prices.id from public.service_prices prices where prices.id = archived.price_id
      );
  return left_out;
end
$$;
comment on function private.without_what_is_gone() is
  'Takes rows out of archived_interactions whose organization, person, vendor or access key is '
  'gone, and returns how many; other references that lead nowhere become null.';

create function private.without_what_is_unknown()
returns uuid[]
language sql
set search_path = ''
as $$
  with unknown as (
    delete from private.archived_interactions archived
    where not exists (
      select from public.past_usage past
      where past.organization_id = archived.organization_id
        and past.started_at = date_bin('15 minutes', archived.started_at, '2000-01-01 00:00:00+00')
        and private.interaction_fingerprint(
          row(archived.*)::public.ai_interactions
        ) = any (past.fingerprints)
    )
    returning archived.id
  )
  select array(select unknown.id from unknown order by unknown.id)
$$;
comment on function private.without_what_is_unknown() is
  'Takes rows out of archived_interactions that were not removed from this ledger, or not as '
  'they are there, and returns their ids: what they add to the figures nobody knows.';

create function private.take_past_usage(interactions uuid[])
returns void
language plpgsql
set search_path = ''
as $$
declare
  changed bigint[];
begin
  with taken as (
    update public.past_usage past
    set interactions = past.interactions - sums.interactions, failed = past.failed - sums.failed,
        unpriced = past.unpriced - sums.unpriced, recorded = past.recorded - sums.recorded,
        input_tokens = past.input_tokens - sums.input_tokens,
        output_tokens = past.output_tokens - sums.output_tokens,
        total_cost = past.total_cost - sums.total_cost,
        recorded_cost = past.recorded_cost - sums.recorded_cost,
        duration_minutes = past.duration_minutes - sums.duration_minutes,
        satisfaction_sum = past.satisfaction_sum - sums.satisfaction_sum,
        satisfaction_count = past.satisfaction_count - sums.satisfaction_count,
        usefulness_sum = past.usefulness_sum - sums.usefulness_sum,
        usefulness_count = past.usefulness_count - sums.usefulness_count,
        fingerprints = array(
          select unnest(past.fingerprints) except all select unnest(sums.fingerprints)
        )
    from private.past_usage_of(take_past_usage.interactions) sums
    where (past.organization_id, past.started_at) = (sums.organization_id, sums.started_at)
      and past.user_id is not distinct from sums.user_id
      and past.agent_id is not distinct from sums.agent_id
      and past.vendor_id is not distinct from sums.vendor_id
      and past.model_name is not distinct from sums.model_name
      and past.access_key_id is not distinct from sums.access_key_id
    returning past.id
  )
  select array_agg(taken.id) into changed from taken;
  delete from public.past_usage
  where past_usage.id = any (changed) and past_usage.fingerprints = '{}';
end
$$;
comment on function private.take_past_usage(uuid[]) is
  'Takes what interactions add to the figures out of past_usage; they came back in the same '
  'transaction.';

create function private.refuse_while_counting()
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform
  from (
    select archived.organization_id, max(archived.started_at) as latest
    from private.archived_interactions archived group by archived.organization_id
  ) organizations
  where (
    organizations.latest < private.evenly_counted_until(organizations.organization_id)
  ) is not true;
  if found then
    perform private.refuse(
      409, 'usage_is_being_counted', 'The figures of an organization are being counted anew.',
      'Repeat it in some minutes.'
    );
  end if;
end
$$;
comment on function private.refuse_while_counting() is
  'Refuses archived_interactions whose quarters of an hour may be counted in part.';

create function private.restore_interactions()
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  present integer;
  left_out integer;
  unknown uuid[];
  ids uuid[];
begin
  lock table private.archived_interactions in access exclusive mode;
  delete from private.archived_interactions archived
  where exists (
    select from public.ai_interactions interactions where interactions.id = archived.id
  );
  get diagnostics present = row_count;
  left_out := private.without_what_is_gone();
  unknown := private.without_what_is_unknown();
  perform private.refuse_while_counting();
  perform set_config('agentbase.keeps_figures', 'on', true);
  with restored as (
    insert into public.ai_interactions select archived.*
    from private.archived_interactions archived
    returning ai_interactions.id
  )
  select array_agg(restored.id) into ids from restored;
  perform set_config('agentbase.keeps_figures', '', true);
  perform private.take_past_usage(ids);
  delete from private.archived_interactions;
  return jsonb_build_object(
    'restored', coalesce(cardinality(ids), 0), 'present', present, 'left_out', left_out, 'unknown',
    unknown
  );
end
$$;
comment on function private.restore_interactions() is
  'Puts archived_interactions back into the ledger and takes what they add to the figures out of '
  'past_usage, so that the figures stay. Returns how many were {"restored", "present" already, '
  '"left_out" because organization, person, vendor or access key are gone}, and the ids of those '
  '"unknown": not removed from here, or changed between the archive and that. Errors: PT409 '
  'usage_is_being_counted.';
