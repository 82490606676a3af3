-- Applying a list of prices, in one transaction.

create function private.begin_price(change private.catalogue_change, source text, verified_on date)
returns void
language plpgsql
set search_path = ''
as $$
declare
  earlier public.service_prices;
  rates public.service_prices := jsonb_populate_record(
    null::public.service_prices, begin_price.change.after
  );
  until timestamptz;
begin
  select prices.* into earlier
  from public.service_prices prices
  where prices.service_id = begin_price.change.service_id
    and prices.service_tier = begin_price.change.service_tier
    and prices.min_input_tokens = begin_price.change.min_input_tokens
    and prices.valid_during @> begin_price.change.effective_from;
  if lower(earlier.valid_during) = begin_price.change.effective_from then
    -- It is announced and was never charged.
    delete from public.service_prices where service_prices.id = earlier.id;
  elsif earlier.id is not null then
    update public.service_prices
    set valid_during = tstzrange(lower(earlier.valid_during), begin_price.change.effective_from)
    where service_prices.id = earlier.id;
  end if;
  until := case when earlier.id is not null then upper(earlier.valid_during) else (
    select min(lower(prices.valid_during))
    from public.service_prices prices
    where prices.service_id = begin_price.change.service_id
      and prices.service_tier = begin_price.change.service_tier
      and prices.min_input_tokens = begin_price.change.min_input_tokens
      and lower(prices.valid_during) > begin_price.change.effective_from
  ) end;
  insert into public.service_prices (
    service_id, valid_during, min_input_tokens, service_tier, input_rate, cached_input_rate,
    cache_write_rate, cache_write_1h_rate, output_rate, reasoning_rate, request_rate, unit_rates,
    unit_increment, unit_minimum, multiplier, source, verified_on
  )
  values (
    begin_price.change.service_id, tstzrange(begin_price.change.effective_from, until),
    begin_price.change.min_input_tokens, begin_price.change.service_tier, rates.input_rate,
    rates.cached_input_rate, rates.cache_write_rate, rates.cache_write_1h_rate, rates.output_rate,
    rates.reasoning_rate, rates.request_rate, rates.unit_rates, earlier.unit_increment,
    earlier.unit_minimum, coalesce(earlier.multiplier, 1), begin_price.source,
    begin_price.verified_on
  );
end
$$;
comment on function private.begin_price(private.catalogue_change, text, date) is
  'Begins a price: the one before ends there, the one that follows stays.';
grant execute on function private.begin_price(private.catalogue_change, text, date) to service_role;

create function private.apply_catalogue_change(
  change private.catalogue_change, source text, verified_on date
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  case apply_catalogue_change.change.change
    when 'add' then
      perform public.add_vendor_service(
        change.service_id, change.vendor_id, change.service_name,
        change.after ->> 'display_name', change.after ->> 'description',
        coalesce(change.after ->> 'service_kind', 'chat'),
        (change.after ->> 'context_window')::integer,
        (change.after ->> 'max_output_tokens')::integer
      );
    when 'limits' then
      update public.vendor_services
      set context_window = (change.after ->> 'context_window')::integer,
          max_output_tokens = (change.after ->> 'max_output_tokens')::integer
      where vendor_services.id = change.service_id;
    when 'alias' then
      insert into public.service_aliases (vendor_id, alias, service_id)
      values (change.vendor_id, change.after #>> '{}', change.service_id)
      on conflict do nothing;
    when 'retire' then
      update public.vendor_services set retired_on = (change.after #>> '{}')::date
      where vendor_services.id = change.service_id;
    when 'price' then
      perform private.begin_price(
        change, apply_catalogue_change.source, apply_catalogue_change.verified_on
      );
    when 'end_tier' then
      update public.service_prices
      set valid_during = tstzrange(lower(service_prices.valid_during), change.effective_from)
      where service_prices.service_id = change.service_id
        and service_prices.service_tier = change.service_tier
        and service_prices.min_input_tokens = change.min_input_tokens
        and service_prices.valid_during @> change.effective_from;
    when 'verify' then
      update public.service_prices set verified_on = apply_catalogue_change.verified_on
      where service_prices.service_id = change.service_id
        and service_prices.service_tier = change.service_tier
        and service_prices.min_input_tokens = change.min_input_tokens
        and service_prices.valid_during @> change.effective_from;
    else null;
  end case;
end
$$;
comment on function private.apply_catalogue_change(private.catalogue_change, text, date) is
  'Makes one change of a plan.';
grant execute
  on function private.apply_catalogue_change(private.catalogue_change, text, date)
  to service_role;

create function private.apply_catalogue_import(
  list jsonb, options jsonb default '{}', at timestamptz default now()
)
returns setof private.catalogue_change
language plpgsql
set search_path = ''
as $$
declare
  changes private.catalogue_change[];
  change private.catalogue_change;
  guards jsonb;
begin
  perform pg_advisory_xact_lock(private.lock_namespace('catalogue_imports'), 0);
  changes := array(
    select planned from private.plan_catalogue_import(
      apply_catalogue_import.list, apply_catalogue_import.options, apply_catalogue_import.at
    ) planned
  );
  select jsonb_object_agg(stopped.guard, stopped.number) into guards
  from (
    select planned.guard, count(*) as number
    from unnest(changes) planned
    where planned.guard is not null
      and not coalesce(apply_catalogue_import.options -> 'allow' ? planned.guard, false)
    group by 1
  ) stopped;
  if guards is not null then
    perform private.refuse(
      'price_list_suspicious',
      'The list was not applied: some of its changes look wrong.',
      'Review the plan, and allow the changes that are correct: --allow '
      || (select string_agg(guard.name, ',') from jsonb_object_keys(guards) guard (name)),
      jsonb_build_object('guards', guards)
    );
  end if;
  foreach change in array changes loop
    perform private.apply_catalogue_change(
      change,
      format('import: %s %s', apply_catalogue_import.list ->> 'source',
             apply_catalogue_import.list ->> 'as_of'),
      (apply_catalogue_import.list ->> 'as_of')::date
    );
  end loop;
  insert into private.catalogue_imports (source, as_of, services, changes)
  select
    list ->> 'source', (list ->> 'as_of')::date,
    (
      select jsonb_object_agg(vendor.id, vendor.number)
      from (
        select listed.service ->> 'vendor_id' as id, count(*) as number
        from jsonb_array_elements(list -> 'services') listed (service) group by 1
      ) vendor
    ),
    (
      select coalesce(jsonb_object_agg(made.name, made.number), '{}')
      from (select planned.change, count(*) from unnest(changes) planned group by 1)
        as made (name, number)
    );
  return query select * from unnest(changes);
end
$$;
comment on function private.apply_catalogue_import(jsonb, jsonb, timestamptz) is
  'Applies a list as plan_catalogue_import() says, all of it or nothing, and returns the changes. '
  'Errors: PT400 price_list_invalid; PT409 price_list_suspicious, whose data counts the changes '
  'that each guard stops.';
grant execute
  on function private.apply_catalogue_import(jsonb, jsonb, timestamptz)
  to service_role;
