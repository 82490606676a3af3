-- The current state of what 000545_catalogue_report.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.agents_by_service()
returns TABLE(service_id text, agent_count bigint)
language sql stable security invoker
set search_path=""
as $body$
  select used.service_id, count(*) from private.services_in_use() used group by used.service_id
$body$;
grant execute on function private.agents_by_service() to service_role;

create function private.announce_ending(item text)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  select count(*)::integer
  from public.agents
  join public.vendor_services services on services.id = split_part(announce_ending.item, ' ', 2)
  left join public.vendor_services successor on successor.id = services.replaced_by
  cross join lateral private.notify(
    private.agent_contact(agents), 'service_ending', 'Model ends soon',
    format(
      'The model %s of agent "%s" ends on %s. %s', services.display_name,
      private.name_to_quote(agents.name), services.retired_on,
      case
        when successor.id is null then 'Choose another one before that day.'
        else format('From that day on, %s answers in its place.', successor.display_name)
      end
    ),
    jsonb_build_object(
      'agent_id', agents.id, 'service_id', services.id, 'retired_on', services.retired_on,
      'replaced_by', services.replaced_by
    )
  ) notified
  where agents.id = split_part(announce_ending.item, ' ', 1)::uuid
    and private.agent_contact(agents) is not null
$body$;

create function private.catalogue_report(max_age integer DEFAULT 90, days integer DEFAULT 60)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select jsonb_build_object(
    'prices', jsonb_build_object(
      'services', count(*),
      'oldest', min(prices.verified_on),
      'old', coalesce(
        jsonb_agg(
          jsonb_build_object(
            'service_id', prices.service_id, 'verified_on', prices.verified_on, 'agent_count',
            coalesce(used.agent_count, 0)
          )
          order by prices.verified_on nulls first, prices.service_id
        ) filter (
          where (prices.verified_on >= current_date - catalogue_report.max_age) is not true
        ),
        '[]'
      )
    ),
    'ending', (
      select coalesce(jsonb_agg(to_jsonb(ending)), '[]')
      from private.ending_services(catalogue_report.days) ending
    ),
    'last_import', (
      select jsonb_build_object(
        'source', imports.source, 'as_of', imports.as_of, 'applied_at', imports.created_at
      )
      from private.catalogue_imports imports order by imports.id desc limit 1
    )
  )
  from public.service_prices prices
  join public.vendor_services services on services.id = prices.service_id
  left join private.agents_by_service() used on used.service_id = prices.service_id
  where prices.valid_during @> now()
    and prices.min_input_tokens = 0
    and prices.service_tier = 'standard'
    and services.is_active
    and (services.retired_on <= current_date) is not true
$body$;
grant execute on function private.catalogue_report(integer,integer) to service_role;

create function private.ending_services(days integer)
returns TABLE(service_id text, service_name text, retired_on date, replaced_by text, agent_count bigint)
language sql stable security invoker
set search_path=""
as $body$
  select
    services.id, services.service_name, services.retired_on, services.replaced_by,
    coalesce(used.agent_count, 0)
  from public.vendor_services services
  left join private.agents_by_service() used on used.service_id = services.id
  where services.is_active
    and services.retired_on between current_date and current_date + ending_services.days
  order by services.retired_on, services.id
$body$;
grant execute on function private.ending_services(integer) to service_role;

create function private.endings_to_announce()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select concat_ws(' ', agents.id, ending.service_id), 1::bigint, null::timestamptz
  from private.ending_services(30) ending
  join private.services_in_use() used on used.service_id = ending.service_id
  join public.agents on agents.id = used.agent_id
  where private.agent_contact(agents) is not null
    and not exists (
      select from public.notifications
      where notifications.user_id = private.agent_contact(agents)
        and notifications.type = 'service_ending'
        and notifications.data @> jsonb_build_object(
          'agent_id', agents.id, 'service_id', ending.service_id, 'retired_on', ending.retired_on
        )
    )
$body$;

create function private.services_in_use()
returns TABLE(service_id text, agent_id uuid)
language sql stable security invoker
set search_path=""
as $body$
  with called as (
    select
      agents.id, agents.vendor_id,
      case when models.id is null then agents.service_id else models.service_id end as service_id,
      case when models.id is null then agents.model_name else models.model_id end as name
    from public.agents
    left join public.models on models.agent_id = agents.id and models.enabled
    where agents.enabled
  )
  select called.service_id, called.id from called where called.service_id is not null
  union
  select services.id, called.id
  from called
  join public.vendor_services services
    on services.vendor_id = called.vendor_id and services.service_name = called.name
  where called.service_id is null
  union
  select aliases.service_id, called.id
  from called
  join public.service_aliases aliases
    on aliases.vendor_id = called.vendor_id and aliases.alias = called.name
  where called.service_id is null
$body$;
grant execute on function private.services_in_use() to service_role;
