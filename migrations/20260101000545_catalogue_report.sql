-- How current the catalogue is: prices that were not verified for long, and services that end.

create function private.services_in_use()
returns table (service_id text, agent_id uuid)
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.services_in_use() is
  'Services that agents which are switched on, or their models, name: by id, by their vendor''s '
  'name or by an alias.';
grant execute on function private.services_in_use() to service_role;

create function private.agents_by_service()
returns table (service_id text, agent_count bigint)
language sql
stable
set search_path = ''
as $$
  select used.service_id, count(*) from private.services_in_use() used group by used.service_id
$$;
comment on function private.agents_by_service() is
  'How many agents services_in_use() has for each.';
grant execute on function private.agents_by_service() to service_role;

create function private.ending_services(days integer)
returns table (
  service_id text, service_name text, retired_on date, replaced_by text, agent_count bigint
)
language sql
stable
set search_path = ''
as $$
  select
    services.id, services.service_name, services.retired_on, services.replaced_by,
    coalesce(used.agent_count, 0)
  from public.vendor_services services
  left join private.agents_by_service() used on used.service_id = services.id
  where services.is_active
    and services.retired_on between current_date and current_date + ending_services.days
  order by services.retired_on, services.id
$$;
comment on function private.ending_services(integer) is
  'Services that end within so many days, what is called in their place, and how many agents that '
  'are switched on use them.';
grant execute on function private.ending_services(integer) to service_role;

create function private.catalogue_report(max_age integer default 90, days integer default 60)
returns jsonb
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.catalogue_report(integer, integer) is
  'How current the catalogue is: {"prices": {"services", "oldest", "old": [{"service_id", '
  '"verified_on", "agent_count"}]} with those that were not verified for max_age days, '
  '"ending": services that end within so many days, "last_import"}.';
grant execute on function private.catalogue_report(integer, integer) to service_role;

create function private.endings_to_announce()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.endings_to_announce() is
  'Agents with a service that ends within 30 days, whose owners were not notified yet, as '
  '"agent service", for the job announce-endings.';

create function private.announce_ending(item text)
returns integer
language sql
set search_path = ''
as $$
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
$$;
comment on function private.announce_ending(text) is
  'Notifies the owner of an agent that a service of it ends soon. Returns how many were notified.';
