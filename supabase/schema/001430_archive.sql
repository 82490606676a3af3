-- The current state of what 001430_archive.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.drop_dangling_interactions()
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  left_out integer;
begin
  -- Figures are per person, vendor and access key: without them a row would count elsewhere.
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
$body$;

create function private.drop_unknown_interactions()
returns uuid[]
language sql volatile security invoker
set search_path=""
as $body$
  with unknown as (
    delete from private.archived_interactions archived
    where not exists (
      select from public.usage_archive_rollup rollup
      where rollup.organization_id = archived.organization_id
        and rollup.started_at
          = date_bin('15 minutes', archived.started_at, '2000-01-01 00:00:00+00')
        and private.interaction_fingerprint(
          row(archived.*)::public.ai_interactions
        ) = any (rollup.fingerprints)
    )
    returning archived.id
  )
  select array(select unknown.id from unknown order by unknown.id)
$body$;

create function private.refuse_while_catching_up()
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform
  from (
    select archived.organization_id, max(archived.started_at) as latest
    from private.archived_interactions archived group by archived.organization_id
  ) organizations
  where (
    organizations.latest < private.watermark_of(organizations.organization_id)
  ) is not true;
  if found then
    perform private.refuse(
      'usage_is_being_counted', 'The usage of an organization is being rolled up again.'
    );
  end if;
end
$body$;

create function private.restore_interactions()
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
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
  left_out := private.drop_dangling_interactions();
  unknown := private.drop_unknown_interactions();
  perform private.refuse_while_catching_up();
  perform set_config('agentbase.is_retention', 'on', true);
  with restored as (
    insert into public.ai_interactions select archived.*
    from private.archived_interactions archived
    returning ai_interactions.id
  )
  select array_agg(restored.id) into ids from restored;
  perform set_config('agentbase.is_retention', '', true);
  perform private.unarchive_usage(ids);
  delete from private.archived_interactions;
  return jsonb_build_object(
    'restored', coalesce(cardinality(ids), 0), 'present', present, 'left_out', left_out, 'unknown',
    unknown
  );
end
$body$;

create function private.unarchive_usage(interactions uuid[])
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  changed bigint[];
begin
  with taken as (
    update public.usage_archive_rollup rollup
    set
      -- each measure: {name} = rollup.{name} - restored.{name},
      interactions = rollup.interactions - restored.interactions,
      failed = rollup.failed - restored.failed, unpriced = rollup.unpriced - restored.unpriced,
      recorded = rollup.recorded - restored.recorded,
      input_tokens = rollup.input_tokens - restored.input_tokens,
      output_tokens = rollup.output_tokens - restored.output_tokens,
      total_cost = rollup.total_cost - restored.total_cost,
      recorded_cost = rollup.recorded_cost - restored.recorded_cost,
      duration_minutes = rollup.duration_minutes - restored.duration_minutes,
      satisfaction_sum = rollup.satisfaction_sum - restored.satisfaction_sum,
      satisfaction_count = rollup.satisfaction_count - restored.satisfaction_count,
      usefulness_sum = rollup.usefulness_sum - restored.usefulness_sum,
      usefulness_count = rollup.usefulness_count - restored.usefulness_count,
      -- end
      fingerprints = array(
        select unnest(rollup.fingerprints) except all select unnest(restored.fingerprints)
      )
    from private.usage_of_interactions(unarchive_usage.interactions) restored
    where (rollup.organization_id, rollup.started_at)
        = (restored.organization_id, restored.started_at)
      and rollup.user_id is not distinct from restored.user_id
      and rollup.agent_id is not distinct from restored.agent_id
      and rollup.vendor_id is not distinct from restored.vendor_id
      and rollup.model_name is not distinct from restored.model_name
      and rollup.access_key_id is not distinct from restored.access_key_id
    returning rollup.id
  )
  select array_agg(taken.id) into changed from taken;
  delete from public.usage_archive_rollup
  where usage_archive_rollup.id = any (changed) and usage_archive_rollup.fingerprints = '{}';
end
$body$;
