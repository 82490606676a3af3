-- Triggers on old tables that are followed.

create or replace function agentbase_import.refuse_truncate()
returns trigger
language plpgsql
as $$
begin
  raise exception using
    errcode = 'feature_not_supported',
    message = format('Cannot truncate %I: an import follows it row by row.', tg_table_name),
    hint = 'Delete the rows, or end the import with "npm run import -- --revert".';
end
$$;
comment on function agentbase_import.refuse_truncate() is
  'Trigger: a truncation would not reach the new table.';

create or replace function agentbase_import.refuse_write()
returns trigger
language plpgsql
as $$
begin
  if current_setting('agentbase_import.echo', true) = 'on' or pg_trigger_depth() > 1 then
    return null;
  end if;
  raise exception using
    errcode = 'read_only_sql_transaction',
    message = format('Cannot write %I.%I: its data are in Agentbase now.', tg_table_schema, tg_table_name),
    hint = 'Write the new table; "npm run import -- --undo-cut-over" opens this one again.';
end
$$;
comment on function agentbase_import.refuse_write() is
  'Trigger: the old tables are closed, and only get what is written in the new ones. What a trigger '
  'or a foreign key writes passes: an account can be deleted that the old tables refer to.';
