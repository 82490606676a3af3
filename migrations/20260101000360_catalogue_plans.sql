-- The plan of an import: every change that a list asks for, and what guards stop.

create function private.due_prices(list jsonb, options jsonb, at timestamptz)
returns table (
  vendor_id text, service_name text, service_id text, service_tier text, min_input_tokens integer,
  valid_from timestamptz, rates jsonb, previous jsonb
)
language sql
stable
set search_path = ''
as $$
  with prices as (
    select
      listed.vendor_id, listed.service_name, listed.service_id,
      coalesce(price ->> 'service_tier', 'standard') as service_tier,
      coalesce((price ->> 'min_input_tokens')::numeric::integer, 0) as min_input_tokens,
      (price ->> 'valid_from')::date::timestamp at time zone 'utc' as valid_from,
      private.listed_rates(price) as rates
    from private.listed_services(due_prices.list, due_prices.options) listed
    cross join lateral jsonb_array_elements(
      private.array_of(listed.service -> 'prices')
    ) listed_price (price)
    where listed.is_wanted
  )
  select
    dated.vendor_id, dated.service_name, dated.service_id, dated.service_tier,
    dated.min_input_tokens, dated.valid_from, dated.rates, dated.previous
  from (
    select
      prices.*,
      -- Later prices replace earlier ones with all their tiers.
      (
        select min(later.valid_from) from prices later
        where later.service_id = prices.service_id
          and later.service_tier = prices.service_tier
          and (later.valid_from <= prices.valid_from) is not true
      ) as valid_until,
      lag(prices.rates) over (
        partition by prices.service_id, prices.service_tier, prices.min_input_tokens
        order by prices.valid_from nulls first
      ) as previous
    from prices
  ) dated
  where (dated.valid_until <= due_prices.at) is not true
$$;
comment on function private.due_prices(jsonb, jsonb, timestamptz) is
  'The prices of a list that hold now or later: of its history, the last one that has begun, and '
  'those that are announced; previous has the rates of the one before in the list.';
grant execute on function private.due_prices(jsonb, jsonb, timestamptz) to service_role;

create function private.price_start(
  valid_from timestamptz, present public.service_prices, service_id text, at timestamptz
)
returns timestamptz
language sql
stable
set search_path = ''
as $$
  select case
    when price_start.valid_from > price_start.at then price_start.valid_from
    when (price_start.present).id is not null then case
      when price_start.valid_from > lower((price_start.present).valid_during)
        then price_start.valid_from
      else greatest(
        price_start.at, lower((price_start.present).valid_during) + interval '1 microsecond'
      )
    end
    when exists (
      select from public.service_prices prices where prices.service_id = price_start.service_id
    ) then price_start.at
    else coalesce(price_start.valid_from, price_start.at)
  end
$$;
comment on function private.price_start(timestamptz, public.service_prices, text, timestamptz) is
  'When a price of a list begins: on its day, if the present price began earlier, otherwise at the '
  'import. A price that is not dated begins at the import.';
grant execute
  on function private.price_start(timestamptz, public.service_prices, text, timestamptz)
  to service_role;

create function private.reason_to_keep_price(
  present public.service_prices, service_id text, list jsonb, allowed jsonb
)
returns text
language sql
stable
set search_path = ''
as $$
  select case
    when not reason_to_keep_price.allowed ? 'older' and exists (
      select from public.service_prices prices
      where prices.service_id = reason_to_keep_price.service_id
        and prices.verified_on > (reason_to_keep_price.list ->> 'as_of')::date
    ) then 'verified after the list was made; --allow older'
    when (reason_to_keep_price.present).source <> 'vendor price list'
      and (reason_to_keep_price.present).source not like 'import: %'
      and not reason_to_keep_price.allowed ? 'manual'
      then format(
        'entered by hand (%s); --allow manual', left((reason_to_keep_price.present).source, 60)
      )
  end
$$;
comment on function private.reason_to_keep_price(public.service_prices, text, jsonb, jsonb) is
  'Why a list does not change a price: those of the service were verified after the list was '
  'made, or it was entered by hand. Null where it may.';
grant execute on function private.reason_to_keep_price(public.service_prices, text, jsonb, jsonb)
  to service_role;

create function private.price_changes(list jsonb, options jsonb, at timestamptz)
returns setof private.catalogue_change
language sql
stable
set search_path = ''
as $$
  select
    5, due.vendor_id, due.service_name, due.service_id,
    case when rates.same then 'verify' when kept.reason is not null then 'keep' else 'price' end,
    case when rates.same then greatest(due.valid_from, price_changes.at)
      else private.price_start(due.valid_from, present, due.service_id, price_changes.at)
    end,
    due.service_tier, due.min_input_tokens, rates.before, rates.after, kept.reason,
    case when kept.reason is null and not rates.same
      then private.rate_guard(due.service_name, rates.before, rates.after)
    end
  from private.due_prices(price_changes.list, price_changes.options, price_changes.at) due
  left join public.service_prices present
    on present.service_id = due.service_id
    and present.service_tier = due.service_tier
    and present.min_input_tokens = due.min_input_tokens
    and present.valid_during @> greatest(due.valid_from, price_changes.at)
  cross join lateral (
    select
      changed.before, changed.after, coalesce(changed.before = changed.after, false) as same
    from (
      select
        -- An announced price follows what the list has before it.
        case
          when due.valid_from > price_changes.at and due.previous is not null
            and lower(present.valid_during) < due.valid_from
            then private.merged_rates(due.previous, private.rates_of(present))
          else private.rates_of(present)
        end as before,
        private.merged_rates(due.rates, private.rates_of(present)) as after
    ) changed
  ) rates
  cross join lateral (
    select private.reason_to_keep_price(
      present, due.service_id, price_changes.list,
      coalesce(price_changes.options -> 'allow', '[]')
    ) as reason
  ) kept
  where not rates.same
    or (present.verified_on >= (price_changes.list ->> 'as_of')::date) is not true
$$;
comment on function private.price_changes(jsonb, jsonb, timestamptz) is
  'Prices that a list changes, confirms (verify), or does not change (keep): those that were '
  'verified after the list was made, or entered by hand.';
grant execute on function private.price_changes(jsonb, jsonb, timestamptz) to service_role;

create function private.tier_changes(list jsonb, options jsonb, at timestamptz)
returns setof private.catalogue_change
language sql
stable
set search_path = ''
as $$
  with due as (
    select * from private.due_prices(tier_changes.list, tier_changes.options, tier_changes.at)
  )
  select
    6, services.vendor_id, services.service_name, services.id, 'end_tier', tier_changes.at,
    present.service_tier, present.min_input_tokens, private.rates_of(present), null::jsonb,
    'the list has no such tier any longer', null
  from public.service_prices present
  join public.vendor_services services on services.id = present.service_id
  where present.valid_during @> tier_changes.at
    and lower(present.valid_during) < tier_changes.at
    and present.min_input_tokens > 0
    and present.source like 'import: ' || (tier_changes.list ->> 'source') || ' %'
    and present.service_id in (select due.service_id from due)
    and not exists (
      select from due
      where due.service_id = present.service_id
        and due.service_tier = present.service_tier
        and due.min_input_tokens = present.min_input_tokens
    )
$$;
comment on function private.tier_changes(jsonb, jsonb, timestamptz) is
  'Tiers of long prompts that came from an earlier version of the list and are no longer in it. '
  'They end, because the highest tier that a prompt reaches is its price.';
grant execute on function private.tier_changes(jsonb, jsonb, timestamptz) to service_role;

create function private.service_changes(list jsonb, options jsonb)
returns setof private.catalogue_change
language sql
stable
set search_path = ''
as $$
  with listed as (
    select * from private.listed_services(service_changes.list, service_changes.options)
  )
  select
    change.place, listed.vendor_id, listed.service_name, listed.service_id, change.name,
    null::timestamptz, null, null::integer, change.before, change.after, null, change.guard
  from listed
  left join public.vendor_services present on present.id = listed.service_id and not listed.is_new
  cross join lateral (values
    (
      1, 'add', listed.is_new, null::jsonb,
      jsonb_strip_nulls(listed.service - '{aliases,prices,retired_on}'::text[]), null
    ),
    (
      2, 'limits',
      not listed.is_new and (
        present.context_window is null and listed.service ->> 'context_window' is not null
        or present.max_output_tokens is null and listed.service ->> 'max_output_tokens' is not null
      ),
      jsonb_build_object(
        'context_window', present.context_window, 'max_output_tokens', present.max_output_tokens
      ),
      jsonb_build_object(
        'context_window',
        coalesce(to_jsonb(present.context_window), listed.service -> 'context_window'),
        'max_output_tokens',
        coalesce(to_jsonb(present.max_output_tokens), listed.service -> 'max_output_tokens')
      ),
      null
    ),
    (
      4, 'retire', present.retired_on is null and listed.service ->> 'retired_on' is not null,
      null, listed.service -> 'retired_on',
      case when listed.service ->> 'retired_on' <= current_date::text then 'ended' end
    )
  ) as change (place, name, is_due, before, after, guard)
  where listed.is_wanted and change.is_due
$$;
comment on function private.service_changes(jsonb, jsonb) is
  'Services that a list adds, limits that were not known, and days on which services end. A day '
  'that is known stays. One that is past (guard: ended) would end a service at once.';
grant execute on function private.service_changes(jsonb, jsonb) to service_role;

create function private.alias_changes(list jsonb, options jsonb)
returns setof private.catalogue_change
language sql
stable
set search_path = ''
as $$
  select
    3, listed.vendor_id, listed.service_name, listed.service_id, 'alias', null::timestamptz, null,
    null::integer, null::jsonb, to_jsonb(min(alias.name)), null, null
  from private.listed_services(alias_changes.list, alias_changes.options) listed
  cross join lateral jsonb_array_elements_text(
    private.array_of(listed.service -> 'aliases')
  ) alias (name)
  where listed.is_wanted
    and private.is_plain(alias.name)
    and not exists (
      select from public.vendor_services services
      where services.vendor_id = listed.vendor_id and services.service_name = alias.name
    )
    and not exists (
      select from public.service_aliases aliases
      where aliases.vendor_id = listed.vendor_id and aliases.alias = alias.name
    )
  group by listed.vendor_id, listed.service_name, listed.service_id, alias.name
$$;
comment on function private.alias_changes(jsonb, jsonb) is
  'Names of services that a list knows and that mean nothing of their vendor yet.';
grant execute on function private.alias_changes(jsonb, jsonb) to service_role;

create function private.missing_changes(list jsonb, options jsonb)
returns setof private.catalogue_change
language sql
stable
set search_path = ''
as $$
  with counts as (
    select listed.service ->> 'vendor_id' as vendor_id, count(*) as number
    from jsonb_array_elements(missing_changes.list -> 'services') listed (service)
    group by 1
  ), earlier as (
    select vendor.id, vendor.number::numeric
    from (
      select imports.services from private.catalogue_imports imports
      where imports.source = missing_changes.list ->> 'source'
      order by imports.id desc limit 1
    ) imports
    cross join lateral jsonb_each_text(imports.services) as vendor (id, number)
  )
  select
    0, earlier.id, null, null, 'shrink', null::timestamptz, null, null::integer,
    to_jsonb(earlier.number), to_jsonb(coalesce(counts.number, 0)),
    'the list has less than four fifths of the services that it had', 'shrink'
  from earlier
  left join counts on counts.vendor_id = earlier.id
  where coalesce(counts.number, 0) < 0.8 * earlier.number
  union all
  select
    7, services.vendor_id, services.service_name, services.id,
    case when coalesce(missing_changes.options -> 'allow' ? 'retire', false)
      then 'retire' else 'unlisted' end,
    null, null, null, null, to_jsonb(current_date::text),
    'no longer in the list; --allow retire ends it today', null
  from public.vendor_services services
  where services.is_active
    and services.retired_on is null
    and services.vendor_id in (select counts.vendor_id from counts)
    and exists (
      select from public.service_prices prices
      where prices.service_id = services.id
        and prices.valid_during @> now()
        and prices.source like 'import: ' || (missing_changes.list ->> 'source') || ' %'
    )
    and not exists (
      select from private.listed_services(missing_changes.list, '{}') listed
      where listed.service_id = services.id and not listed.is_new
    )
$$;
comment on function private.missing_changes(jsonb, jsonb) is
  'What a list had when it was imported before and has no longer: vendors with far fewer services, '
  'and services, which options.allow retire ends today.';
grant execute on function private.missing_changes(jsonb, jsonb) to service_role;

create function private.plan_catalogue_import(
  list jsonb, options jsonb default '{}', at timestamptz default now()
)
returns setof private.catalogue_change
language plpgsql
stable
set search_path = ''
as $$
begin
  perform private.check_list(plan_catalogue_import.list);
  return query
  select changes.*
  from (
    select * from private.missing_changes(plan_catalogue_import.list, plan_catalogue_import.options)
    union all
    select * from private.service_changes(plan_catalogue_import.list, plan_catalogue_import.options)
    union all
    select * from private.alias_changes(plan_catalogue_import.list, plan_catalogue_import.options)
    union all
    select * from private.price_changes(
      plan_catalogue_import.list, plan_catalogue_import.options, plan_catalogue_import.at
    )
    union all
    select * from private.tier_changes(
      plan_catalogue_import.list, plan_catalogue_import.options, plan_catalogue_import.at
    )
  ) changes
  order by
    changes.place, changes.vendor_id, changes.service_name, changes.service_tier,
    changes.min_input_tokens, changes.effective_from;
end
$$;
comment on function private.plan_catalogue_import(jsonb, jsonb, timestamptz) is
  'What applying a list would change, in order. options: {"add": patterns of vendor/name of '
  'services to add, "allow": guards that are allowed, and older, manual, retire}. Errors: PT400 '
  'price_list_invalid.';
grant execute
  on function private.plan_catalogue_import(jsonb, jsonb, timestamptz)
  to service_role;
