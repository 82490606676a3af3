-- Encryption at rest: the encrypted columns, and the rotation of keys. The edge functions encrypt
-- and decrypt; Postgres keeps blobs and never sees a key.

create table private.encrypted_columns (
  table_name text not null,
  column_name text not null,
  row_id text not null,
  owner text not null,
  scope text,
  only_where text,
  fingerprint text,
  created_at timestamptz not null default now(),
  primary key (table_name, column_name)
);
comment on table private.encrypted_columns is
  'Every column of the schema public that holds ciphertext, and the columns beside it that a '
  'rotation needs. One that is missing here fails the tests.';
comment on column private.encrypted_columns.table_name is
  'The table; part of what its ciphertexts are bound to.';
comment on column private.encrypted_columns.column_name is
  'The column: a text that is the blob, a JSON string that is, or the JSON object {"ciphertext": '
  'blob}.';
comment on column private.encrypted_columns.row_id is
  'Primary key; its value is part of what a ciphertext is bound to.';
comment on column private.encrypted_columns.owner is
  'Whose value a row holds; a ciphertext is bound to it.';
comment on column private.encrypted_columns.scope is
  'The purpose of the value; a ciphertext is bound to it. Null for the name of the column.';
comment on column private.encrypted_columns.only_where is
  'Column that is true if a row holds ciphertext; null if every row does.';
comment on column private.encrypted_columns.fingerprint is
  'Column with the value''s keyed hash, which a rotation also replaces; null for none.';
comment on column private.encrypted_columns.created_at is 'When the column was listed.';
grant select on private.encrypted_columns to service_role;

insert into private.encrypted_columns (
  table_name, column_name, row_id, owner, scope, only_where, fingerprint
)
values
  ('user_api_keys', 'encrypted_key', 'id', 'user_id', 'vendor_id', null, 'key_fingerprint'),
  ('mcp_sessions', 'oauth_data', 'session_id', 'user_id', 'oauth_provider', null, null),
  ('ai_agent_configs', 'config_value', 'id', 'user_id', 'config_key', 'is_encrypted', null),
  ('widget_secrets', 'encrypted_secret', 'id', 'widget_id', null, null, null);

create function private.blob_of(value jsonb)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return coalesce(blob_of.value ->> 'ciphertext', blob_of.value #>> '{}');
end
$$;
comment on function private.blob_of(jsonb) is 'The blob in the value of an encrypted column.';
grant execute on function private.blob_of(jsonb) to service_role;

create function private.key_id_of(blob text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return split_part(key_id_of.blob, ':', 2);
end
$$;
comment on function private.key_id_of(text) is 'Which key a blob was encrypted with.';
grant execute on function private.key_id_of(text) to service_role;

create function private.encrypted_column(table_name text, column_name text)
returns private.encrypted_columns
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function private.encrypted_column(text, text) is
  'The registration of an encrypted column. Errors: PT404 column_not_found.';
grant execute on function private.encrypted_column(text, text) to service_role;

-- Rotation of keys. The edge functions have the keys and Postgres has the blobs, so a rotation
-- reads a batch, encrypts it again and writes it back. Users keep writing in the
-- meantime: a value that has changed since it was read is left as it is.

create function public.list_encrypted_columns()
returns table (table_name text, column_name text)
language sql
stable
set search_path = ''
as $$
  select columns.table_name, columns.column_name
  from private.encrypted_columns columns
  order by columns.table_name, columns.column_name
$$;
comment on function public.list_encrypted_columns() is
  'The columns that a rotation goes through, in its order. Backend only.';
grant execute on function public.list_encrypted_columns() to service_role;

create function public.count_encrypted_values()
returns table (table_name text, column_name text, key_id text, amount bigint)
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function public.count_encrypted_values() is
  'How many values are encrypted with each key, by column. A key that is not in this list may be '
  'removed from the keyring. Backend only.';
grant execute on function public.count_encrypted_values() to service_role;

create function public.list_values_to_rotate(
  active_key text, table_name text, column_name text, after text, batch integer
)
returns table (row_id text, owner text, scope text, blob text)
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function public.list_values_to_rotate(text, text, text, text, integer) is
  'Up to a number of values (at most 1,000) of a registered column that are encrypted with a key '
  'other than the active one, in the order of their rows and after a given row. Backend only. '
  'Errors: PT404 column_not_found.';
grant execute
  on function public.list_values_to_rotate(text, text, text, text, integer)
  to service_role;

create function public.swap_rotated_values(table_name text, column_name text, swaps jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function public.swap_rotated_values(text, text, jsonb) is
  'Replaces blobs, [{"row_id", "old", "blob", "fingerprint"}], and returns how many. A value that '
  'changed since, or is being changed, stays as it is. Backend only. Errors: PT404 '
  'column_not_found.';
grant execute on function public.swap_rotated_values(text, text, jsonb) to service_role;
