-- What using a vendor key reports about it, and how it is disabled.

create function private.name_of_key(key public.user_api_keys)
returns text
language sql
stable
set search_path = ''
as $$
  select coalesce(
    '"' || private.name_to_quote(name_of_key.key.display_name) || '"',
    '…' || name_of_key.key.key_preview
  )
$$;
comment on function private.name_of_key(public.user_api_keys) is
  'The name of a vendor key in messages: its display name, or its last characters.';
grant execute on function private.name_of_key(public.user_api_keys) to service_role;

create function private.disable_api_key(key public.user_api_keys, event text, problem text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  vendor text := (
    select vendors.name from public.vendors where vendors.id = disable_api_key.key.vendor_id
  );
begin
  perform set_config('agentbase.audit_event', disable_api_key.event, true);
  update public.user_api_keys
  set is_active = false, last_error = disable_api_key.problem
  where user_api_keys.id = disable_api_key.key.id;
  perform set_config('agentbase.audit_event', '', true);
  perform private.notify(
    disable_api_key.key.user_id,
    case disable_api_key.event
      when 'rejected' then 'api_key_rejected' when 'undecryptable' then 'api_key_undecryptable'
    end,
    format('Your key for %s was disabled', left(vendor, 100)),
    format(
      'Your key %s for %s was disabled. %s Replace it, or enable it again.',
      private.name_of_key(disable_api_key.key),
      vendor,
      disable_api_key.problem
    ),
    jsonb_build_object(
      'key_id', disable_api_key.key.id, 'vendor_id', disable_api_key.key.vendor_id
    )
  );
end
$$;
comment on function private.disable_api_key(public.user_api_keys, text, text) is
  'Disables a vendor key, records why (rejected, undecryptable) and notifies its owner.';
grant execute
  on function private.disable_api_key(public.user_api_keys, text, text)
  to service_role;

create function private.record_no_credit(key public.user_api_keys, problem text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  vendor text := (
    select vendors.name from public.vendors where vendors.id = record_no_credit.key.vendor_id
  );
begin
  -- The owner has been notified already, until the key works again.
  if record_no_credit.key.last_error is not distinct from record_no_credit.problem then
    return;
  end if;
  update public.user_api_keys set last_error = record_no_credit.problem
  where user_api_keys.id = record_no_credit.key.id;
  perform private.notify(
    record_no_credit.key.user_id,
    'api_key_out_of_credit',
    format('Your key for %s has no credit left', left(vendor, 100)),
    format(
      'Calls with your key %s fail: your account at %s has no credit or quota left. Add credit '
      'there.',
      private.name_of_key(record_no_credit.key), vendor
    ),
    jsonb_build_object(
      'key_id', record_no_credit.key.id, 'vendor_id', record_no_credit.key.vendor_id
    )
  );
end
$$;
comment on function private.record_no_credit(public.user_api_keys, text) is
  'Records that the account of a vendor key has no credit left, and notifies its owner: once, '
  'until the key works again.';
grant execute
  on function private.record_no_credit(public.user_api_keys, text)
  to service_role;

create function private.report_api_key(report jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  event text := report_api_key.report ->> 'event';
  problem text := left(report_api_key.report ->> 'problem', 500);
  used public.user_api_keys;
begin
  if event in ('worked', 'used') then
    -- Another transaction is updating the row.
    select keys.* into used
    from public.user_api_keys keys where keys.id = (report_api_key.report ->> 'id')::uuid
    for no key update skip locked;
    update public.user_api_keys
    set last_used_at = clock_timestamp(),
        last_error = case when event = 'used' or not is_active then last_error end
    where user_api_keys.id = used.id;
    return;
  end if;
  -- A report applies to the key that was used, not to its replacement.
  select keys.* into used
  from public.user_api_keys keys
  where keys.id = (report_api_key.report ->> 'id')::uuid
    and keys.encrypted_key = report_api_key.report ->> 'encrypted_key'
    and keys.is_active
  for no key update;
  if event = 'failed' then
    update public.user_api_keys set last_error = problem where user_api_keys.id = used.id;
  elsif event = 'out_of_credit' and used.id is not null then
    perform private.record_no_credit(used, problem);
  elsif used.id is not null then
    perform private.disable_api_key(used, event, problem);
  end if;
end
$$;
comment on function private.report_api_key(jsonb) is
  'Records the outcome of using a key, {"id", "encrypted_key", "event", "problem"}: worked, used, '
  'failed, out_of_credit, or rejected or undecryptable, which disable it.';
grant execute on function private.report_api_key(jsonb) to service_role;

create function public.report_api_keys(reports jsonb)
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- In the order in which all transactions lock keys.
  perform private.report_api_key(report.value)
  from jsonb_array_elements(report_api_keys.reports) as report
  order by report.value ->> 'id';
end
$$;
comment on function public.report_api_keys(jsonb) is
  'Records the outcomes of using keys, each {"id", "encrypted_key", "event", "problem"}; see '
  'private.report_api_key(). Backend only.';
grant execute on function public.report_api_keys(jsonb) to service_role;
