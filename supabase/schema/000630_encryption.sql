-- The current state of what 000630_encryption.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.encrypted_columns (
  table_name text not null,
  column_name text not null,
  row_id text not null,
  owner text not null,
  scope text,
  only_where text,
  fingerprint text,
  created_at timestamp with time zone default now() not null,
  constraint encrypted_columns_pkey PRIMARY KEY (table_name, column_name)
);
grant select on private.encrypted_columns to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.blob_of(value jsonb)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return coalesce(blob_of.value ->> 'ciphertext', blob_of.value #>> '{}');
end
$body$;
grant execute on function private.blob_of(jsonb) to service_role;

create function private.encrypted_column(table_name text, column_name text)
returns private.encrypted_columns
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  registered private.encrypted_columns;
begin
  select columns.* into registered
  from private.encrypted_columns columns
  where columns.table_name = encrypted_column.table_name
    and columns.column_name = encrypted_column.column_name;
  if registered.table_name is null then
    perform private.refuse(
      'column_not_found', format('The column "%s.%s" is not registered.', table_name, column_name)
    );
  end if;
  return registered;
end
$body$;
grant execute on function private.encrypted_column(text,text) to service_role;

create function private.key_id_of(blob text)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return split_part(key_id_of.blob, ':', 2);
end
$body$;
grant execute on function private.key_id_of(text) to service_role;

create function public.count_encrypted_values()
returns TABLE(table_name text, column_name text, key_id text, amount bigint)
language plpgsql stable security definer
set search_path=""
as $body$
declare
  registered private.encrypted_columns;
begin
  for registered in select * from private.encrypted_columns columns order by columns.table_name,
  columns.column_name loop
    table_name := registered.table_name;
    column_name := registered.column_name;
    for key_id, amount in
      execute format(
        'select private.key_id_of(private.blob_of(to_jsonb(%1$I))), count(*) from public.%2$I '
        'where %1$I is not null and to_jsonb(%3$I) <> ''false'' group by 1 order by 1',
        registered.column_name,
        registered.table_name,
        coalesce(registered.only_where, registered.row_id)
      )
    loop
      return next;
    end loop;
  end loop;
end
$body$;
grant execute on function public.count_encrypted_values() to agentbase_functions;

create function public.list_encrypted_columns()
returns TABLE(table_name text, column_name text)
language sql stable security definer
set search_path=""
as $body$
  select columns.table_name, columns.column_name
  from private.encrypted_columns columns
  order by columns.table_name, columns.column_name
$body$;
grant execute on function public.list_encrypted_columns() to agentbase_functions;

create function public.list_values_to_rotate(active_key text, table_name text, column_name text, after text, batch integer)
returns TABLE(row_id text, owner text, scope text, blob text)
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  registered private.encrypted_columns := private.encrypted_column(
    list_values_to_rotate.table_name, list_values_to_rotate.column_name
  );
begin
  -- In the order of the primary key, so that the next batch continues where this
  -- one ends. Locked rows are left for the next round.
  for row_id, owner, scope, blob in
    execute format(
      'select %1$I::text, %2$I::text, coalesce(%3$L, %7$I::text), '
      'private.blob_of(to_jsonb(%4$I)) from public.%5$I '
      'where %8$s and %4$I is not null and to_jsonb(%6$I) <> ''false'' and '
      'private.key_id_of(private.blob_of(to_jsonb(%4$I))) <> $1 '
      -- Qualified, since the bare name would mean the text above, which no index orders.
      'order by %5$I.%1$I limit $3 for no key update skip locked',
      registered.row_id,
      registered.owner,
      case when registered.scope is null then registered.column_name end,
      registered.column_name,
      registered.table_name,
      coalesce(registered.only_where, registered.row_id),
      coalesce(registered.scope, registered.row_id),
      -- Evaluated once, so that the row is found by its primary key.
      case when list_values_to_rotate.after is null then 'true' else format(
        '%1$I > (select (jsonb_populate_record(null::public.%2$I, '
        'jsonb_build_object(%1$L, $2))).%1$I)',
        registered.row_id, registered.table_name
      ) end
    )
    using
      list_values_to_rotate.active_key,
      list_values_to_rotate.after,
      least(list_values_to_rotate.batch, 1000)
  loop
    return next;
  end loop;
end
$body$;
grant execute on function public.list_values_to_rotate(text,text,text,text,integer) to agentbase_functions;

create function public.swap_rotated_values(table_name text, column_name text, swaps jsonb)
returns integer
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  registered private.encrypted_columns := private.encrypted_column(
    swap_rotated_values.table_name, swap_rotated_values.column_name
  );
  swapped integer;
begin
  perform set_config('agentbase.audit_event', 'rotated', true);
  -- Rows are built from JSON, which converts each value to its column's type.
  execute format(
    'with swaps as ('
    '  select swaps.old, to_jsonb(swaps.blob) as blob, to_jsonb(swaps.fingerprint) as '
    'fingerprint, '
    '    (jsonb_populate_record(null::public.%1$I, jsonb_build_object(%2$L, swaps.row_id))).%2$I '
    'as row_id '
    '  from jsonb_to_recordset($1) as swaps (row_id text, old text, blob text, fingerprint text)'
    '), held as ('
    '  select held.%2$I as row_id, jsonb_populate_record(null::public.%1$I, jsonb_build_object('
    '    %3$L, case jsonb_typeof(to_jsonb(held.%3$I)) when ''object'' then '
    'jsonb_build_object(''ciphertext'', swaps.blob) else swaps.blob end, '
    '    %4$L, coalesce(case when $2 then swaps.fingerprint end, to_jsonb(held.%4$I))'
    '  )) as news '
    '  from public.%1$I held join swaps on swaps.row_id = held.%2$I and swaps.old = '
    'private.blob_of(to_jsonb(held.%3$I)) '
    '  order by held.%2$I for no key update of held skip locked'
    ') '
    'update public.%1$I changed set %3$I = (held.news).%3$I, %4$I = (held.news).%4$I '
    'from held where changed.%2$I = held.row_id',
    registered.table_name,
    registered.row_id,
    registered.column_name,
    coalesce(registered.fingerprint, registered.row_id)
  )
  using swap_rotated_values.swaps, registered.fingerprint is not null;
  get diagnostics swapped = row_count;
  perform set_config('agentbase.audit_event', '', true);
  return swapped;
end
$body$;
grant execute on function public.swap_rotated_values(text,text,jsonb) to agentbase_functions;
