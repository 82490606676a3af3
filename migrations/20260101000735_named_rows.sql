-- The rows that interactions and attempts reference: vendors, services, prices and kinds.
-- Concurrent turns reference the same few, and a foreign key would lock these rows for each of
-- them, which creates multixacts. So triggers enforce the rules of foreign keys, under their names,
-- without row locks: docs/decisions/turn-rows.md.

create function private.refuse_key(
  relation text, named text, value text, referenced text default null
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  rule text := format('%s_%s_fkey', refuse_key.relation, refuse_key.named);
begin
  raise foreign_key_violation using
    message = case
      when refuse_key.referenced is null then format(
        'insert or update on table "%s" violates foreign key constraint "%s"',
        refuse_key.relation, rule
      )
      else format(
        'update or delete on table "%s" violates foreign key constraint "%s" on table "%s"',
        refuse_key.referenced, rule, refuse_key.relation
      )
    end,
    detail = case
      when refuse_key.referenced is null
        then format('Key (%s)=(%s) is not present.', refuse_key.named, refuse_key.value)
      else format(
        'Key (id)=(%s) is still referenced from table "%s".', refuse_key.value,
        refuse_key.relation
      )
    end,
    schema = 'public', table = refuse_key.relation, constraint = rule;
end
$$;
comment on function private.refuse_key(text, text, text, text) is
  'Refuses, with the error of a foreign key, a row whose column names a row that does not exist, '
  'or, where a referenced table is given, the deletion or new id of a row that is still named. Not '
  'granted: only triggers call it.';

create function private.check_names(
  relation text, vendor_id text, service_id text, price_id uuid, kind text
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  names text := row(
    check_names.vendor_id, check_names.service_id, check_names.price_id
  )::text;
  missing text;
begin
  -- Most attempts reference the same rows as their turn, which this transaction has checked and
  -- locked.
  if check_names.kind is null and names = current_setting('agentbase.held_names', true) then
    return;
  end if;
  -- Null locks nothing.
  perform
    pg_advisory_xact_lock_shared(private.lock_namespace('named_rows'), hashtext(named.key))
  from unnest(array[
    check_names.vendor_id, check_names.service_id, check_names.price_id::text, check_names.kind
  ]) as named (key);
  -- A transaction with an older snapshot does not see later deletions.
  if current_setting('transaction_isolation') <> 'read committed' then
    perform from public.vendors where vendors.id = check_names.vendor_id for key share;
    perform from public.vendor_services services
    where services.id = check_names.service_id for key share;
    perform from public.service_prices prices
    where prices.id = check_names.price_id for key share;
    perform from public.interaction_types kinds where kinds.id = check_names.kind for key share;
  end if;
  missing := case
    when check_names.vendor_id is not null
      and not exists (select from public.vendors where vendors.id = check_names.vendor_id)
    then 'vendor_id'
    when check_names.service_id is not null
      and not exists (
        select from public.vendor_services services where services.id = check_names.service_id
      )
    then 'service_id'
    when check_names.price_id is not null
      and not exists (
        select from public.service_prices prices where prices.id = check_names.price_id
      )
    then 'price_id'
    when check_names.kind is not null
      and not exists (
        select from public.interaction_types kinds where kinds.id = check_names.kind
      )
    then 'interaction_type_id'
  end;
  if missing is not null then
    perform private.refuse_key(
      check_names.relation, missing,
      case missing
        when 'vendor_id' then check_names.vendor_id
        when 'service_id' then check_names.service_id
        when 'price_id' then check_names.price_id::text
        else check_names.kind
      end
    );
  end if;
  names := set_config('agentbase.held_names', names, true);
end
$$;
comment on function private.check_names(text, text, text, uuid, text) is
  'Keeps the vendor, service, price and kind that a row is about to name from being deleted until '
  'this transaction ends, and refuses the row where one does not exist. Not granted: only '
  'triggers and imports call it.';

create function private.check_interaction_names()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- An import checks many rows together: private.check_imported_names(). Checked here and not in a
  -- WHEN condition, which Postgres would parse and plan for each statement.
  if current_setting('agentbase.is_import', true) = 'on' then
    return null;
  end if;
  perform private.check_names(
    tg_table_name, new.vendor_id, new.service_id, new.price_id, new.interaction_type_id
  );
  -- A model may be deleted later, like an agent.
  if new.model_id is not null
    and (tg_op = 'INSERT' or new.model_id is distinct from old.model_id)
    and not exists (select from public.models where models.id = new.model_id)
    and current_setting('agentbase.is_retention', true) is distinct from 'on'
  then
    perform private.refuse_key(tg_table_name, 'model_id', new.model_id::text);
  end if;
  return null;
end
$$;
comment on function private.check_interaction_names() is
  'Trigger: the vendor, service, price, kind and model that an interaction names exist.';
create trigger check_names
  after insert or update of vendor_id, service_id, price_id, interaction_type_id, model_id
  on public.ai_interactions
  for each row execute function private.check_interaction_names();

create function private.check_attempt_names()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.check_names(
    tg_table_name, new.vendor_id, new.service_id, new.price_id, null
  );
  if new.agent_id is not null
    and (tg_op = 'INSERT' or new.agent_id is distinct from old.agent_id)
    and not exists (select from public.agents where agents.id = new.agent_id)
  then
    perform private.refuse_key(tg_table_name, 'agent_id', new.agent_id::text);
  end if;
  return null;
end
$$;
comment on function private.check_attempt_names() is
  'Trigger: the vendor, service, price and agent that an attempt names exist.';
create trigger check_names after insert or update of vendor_id, service_id, price_id, agent_id
  on public.agent_executions
  for each row execute function private.check_attempt_names();

create function private.keep_named_row()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  named constant text := tg_argv[0];
  relation text;
  is_named boolean;
begin
  if tg_op = 'UPDATE' and new.id = old.id then
    return new;
  end if;
  if current_setting('transaction_isolation') <> 'read committed' then
    raise feature_not_supported using
      message = format('Cannot delete a row of "%s" at this level of isolation.', tg_table_name),
      hint = 'Delete it in a transaction that reads what is committed.';
  end if;
  -- Rows that this transaction has checked must be checked again.
  perform set_config('agentbase.held_names', '', true);
  -- A turn that references it holds the lock until it commits, and then is visible here.
  perform pg_advisory_xact_lock(private.lock_namespace('named_rows'), hashtext(old.id::text));
  foreach relation in array tg_argv[1:] loop
    execute format('select exists (select from public.%I where %I = $1)', relation, named)
    into is_named using old.id;
    if is_named then
      perform private.refuse_key(relation, named, old.id::text, tg_table_name);
    end if;
  end loop;
  return coalesce(new, old);
end
$$;
comment on function private.keep_named_row() is
  'Trigger: a row that interactions or attempts reference cannot be deleted or change its id; it '
  'is disabled instead. The arguments are the referencing column, and its tables.';
create trigger keep_named_row before delete or update of id on public.vendors
  for each row
  execute function private.keep_named_row('vendor_id', 'ai_interactions', 'agent_executions');
create trigger keep_named_row before delete or update of id on public.vendor_services
  for each row
  execute function private.keep_named_row('service_id', 'ai_interactions', 'agent_executions');
create trigger keep_named_row before delete or update of id on public.service_prices
  for each row
  execute function private.keep_named_row('price_id', 'ai_interactions', 'agent_executions');
create trigger keep_named_row before delete or update of id on public.interaction_types
  for each row
  execute function private.keep_named_row('interaction_type_id', 'ai_interactions');
