-- The current state of what 001080_usage_report.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.no_usage()
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select jsonb_build_object(
    -- each measure: '{name}', '0'
    'interactions', '0', 'failed', '0', 'unpriced', '0', 'recorded', '0', 'input_tokens', '0',
    'output_tokens', '0', 'total_cost', '0', 'recorded_cost', '0', 'duration_minutes', '0',
    'satisfaction_sum', '0', 'satisfaction_count', '0', 'usefulness_sum', '0',
    'usefulness_count', '0'
    -- end
  )
$body$;
grant execute on function private.no_usage() to authenticated, service_role;

create function private.report_days(from_date date, to_date date, days integer, organization public.organizations)
returns daterange
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  longest constant integer := 3660;
  last date := report_days.to_date;
  first date;
begin
  if last is null then
    last := (now() at time zone coalesce((report_days.organization).timezone, 'UTC'))::date;
    -- For all organizations: the latest day in any time zone, if there is usage on it.
    if (report_days.organization).id is null and private.latest_day() > last and exists (
      select from private.usage_by('day', private.latest_day(), private.latest_day(), null)
    ) then
      last := private.latest_day();
    end if;
  end if;
  first := coalesce(report_days.from_date, last - (report_days.days - 1));
  if report_days.to_date is null and first > last then
    perform private.refuse(
      'date_in_future',
      format('Cannot report on the days from %s: today is %s.', first, last)
    );
  end if;
  perform private.refuse_days(first, last);
  if last - first >= longest then
    perform private.refuse(
      'range_too_long',
      format(
        'Cannot report on the %s days from %s to %s: the maximum is %s.',
        last - first + 1, first, last, longest
      )
    );
  end if;
  return daterange(first, last, '[]');
end
$body$;
grant execute on function private.report_days(date,date,integer,public.organizations) to authenticated, service_role;

create function private.report_of_days(from_date date, to_date date, organization_id uuid)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select jsonb_agg(
    coalesce(known.figures, jsonb_build_object('key', days.day, 'label', days.day) || none.figures)
    order by days.day
  )
  from (
    select report_of_days.from_date + number as day
    from generate_series(0, report_of_days.to_date - report_of_days.from_date) as number
  ) days
  cross join private.no_usage() as none (figures)
  left join jsonb_array_elements(
    private.report_rows(
      'day', report_of_days.from_date, report_of_days.to_date, report_of_days.organization_id
    )
  ) as known (figures) on known.figures ->> 'key' = days.day::text
$body$;
grant execute on function private.report_of_days(date,date,uuid) to authenticated, service_role;

create function private.report_rows(by text, from_date date, to_date date, organization_id uuid)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select coalesce(
    jsonb_agg(
      -- As text, because JSON numbers lose digits in most clients.
      (select jsonb_object_agg(part.key, part.value) from jsonb_each_text(to_jsonb(usage)) part)
      order by usage.total_cost desc, usage.interactions desc, usage.key
    ),
    '[]'
  )
  from private.usage_by(
    report_rows.by, report_rows.from_date, report_rows.to_date, report_rows.organization_id
  ) usage
$body$;
grant execute on function private.report_rows(text,date,date,uuid) to authenticated, service_role;

create function public.get_usage_report(from_date date DEFAULT NULL::date, to_date date DEFAULT NULL::date, organization text DEFAULT NULL::text, days integer DEFAULT 30)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  reported public.organizations;
  range daterange;
  first date;
  last date;
begin
  select organizations.* into reported
  from public.organizations
  where organizations.id = private.as_uuid(get_usage_report.organization)
    or organizations.slug = get_usage_report.organization
  order by organizations.slug = get_usage_report.organization
  limit 1;
  if get_usage_report.organization is not null and reported.id is null then
    perform private.refuse(
      'organization_not_found',
      format(
        'Cannot report on organization "%s": you can read none with this id or slug.',
        get_usage_report.organization
      )
    );
  end if;
  range := private.report_days(
    get_usage_report.from_date, get_usage_report.to_date, get_usage_report.days, reported
  );
  first := lower(range);
  last := upper(range) - 1;
  return jsonb_build_object(
    'organization', reported.name, 'time_zone', reported.timezone,
    'from', first, 'to', last, 'read_at', now(),
    'total', coalesce(private.report_rows('total', first, last, reported.id) -> 0,
      private.no_usage()),
    'days', private.report_of_days(first, last, reported.id),
    'by', (
      select jsonb_object_agg(names.by, private.report_rows(names.by, first, last, reported.id))
      from unnest(array['vendor', 'model', 'agent', 'user', 'feature', 'organization'])
        as names (by)
      -- For a single organization, this breakdown is redundant.
      where names.by <> 'organization' or reported.id is null
    )
  );
end
$body$;
grant execute on function public.get_usage_report(date,date,text,integer) to authenticated, service_role;
