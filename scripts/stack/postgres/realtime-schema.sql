-- Schema realtime as the platform has it: messages that are broadcast, and the functions that send
-- them. Run as the superuser at every start, after bootstrap.sql; it can be repeated.

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'supabase_realtime_admin') then
    create role supabase_realtime_admin nologin noinherit;
  end if;
end
$$;

-- Who may write policies on messages.
grant supabase_realtime_admin to postgres;

create schema if not exists realtime authorization supabase_realtime_admin;
grant usage on schema realtime to postgres, anon, authenticated, service_role;

-- The platform partitions it by day and keeps three days.
create table if not exists realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  primary key (id, inserted_at)
);
alter table realtime.messages owner to supabase_realtime_admin;
alter table realtime.messages enable row level security;
grant select, insert, update on realtime.messages
  to postgres, anon, authenticated, service_role;
create index if not exists messages_inserted_at_idx on realtime.messages (inserted_at);

do $$
begin
  if not exists (
    select from pg_catalog.pg_publication
    where pubname = 'supabase_realtime_messages_publication'
  ) then
    create publication supabase_realtime_messages_publication for table realtime.messages;
  end if;
end
$$;

create or replace function realtime.topic() returns text
language sql stable
as $$
  select nullif(current_setting('realtime.topic', true), '')
$$;

comment on function realtime.topic() is 'The topic that a policy of realtime.messages is asked about.';

create or replace function realtime.send(
  payload jsonb, event text, topic text, private boolean default true
) returns void
language plpgsql
as $$
declare
  message_id uuid := gen_random_uuid();
begin
  begin
    perform set_config('realtime.topic', send.topic, true);
    insert into realtime.messages (id, payload, event, topic, private, extension)
    values (
      message_id,
      case
        when send.payload ? 'id' then send.payload
        else send.payload || jsonb_build_object('id', message_id)
      end,
      send.event, send.topic, send.private, 'broadcast'
    );
  exception when others then
    -- As on the platform: a message that cannot be sent does not undo the write that sends it.
    raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
  end;
end
$$;

comment on function realtime.send(jsonb, text, text, boolean) is
  'Broadcasts a message to the channels of a topic when the transaction commits.';

create or replace function realtime.broadcast_changes(
  topic_name text, event_name text, operation text, table_name text, table_schema text,
  new record, old record, level text default 'ROW'
) returns void
language plpgsql
as $$
begin
  if level = 'STATEMENT' then
    raise exception 'function can only be triggered for each row, not for each statement';
  end if;
  perform realtime.send(
    jsonb_build_object(
      'old_record', to_jsonb(old), 'record', to_jsonb(new), 'operation', operation,
      'table', table_name, 'schema', table_schema
    ),
    event_name, topic_name
  );
end
$$;

comment on function realtime.broadcast_changes(text, text, text, text, text, record, record, text)
is 'Broadcasts the change of a row, from a trigger.';

-- What the local server asks about a row that changed. The platform has realtime.apply_rls().
create or replace function realtime.visible_to(
  entity regclass, written_by xid8, keys jsonb, readers jsonb
) returns boolean[]
language plpgsql
set search_path = ''
as $$
declare
  question text := (
    select format(
      'select exists (select from %s where %s)', entity,
      string_agg(format('%I = $%s::%s', key.value ->> 'name', place, key.value ->> 'type'), ' and ')
    )
    from jsonb_array_elements(keys) with ordinality as key (value, place)
  );
  plan_name text := 'visible_' || md5(question);
  arguments text := (
    select string_agg(quote_literal(key.value ->> 'value'), ', ' order by place)
    from jsonb_array_elements(keys) with ordinality as key (value, place)
  );
  reader jsonb;
  sees boolean;
  answers boolean[] := '{}';
begin
  -- A commit is in the log a moment before others see it.
  while pg_catalog.pg_xact_status(written_by) = 'in progress' loop
    perform pg_catalog.pg_sleep(0.001);
  end loop;
  if not exists (
    select from pg_catalog.pg_prepared_statements prepared where prepared.name = plan_name
  ) then
    execute format('prepare %I as %s', plan_name, question);
  end if;
  for reader in select value from jsonb_array_elements(readers) loop
    -- A policy that raises for one reader hides the row from that reader, and from no other.
    begin
      perform set_config('request.jwt.claims', reader ->> 'claims', true);
      perform set_config('role', reader ->> 'role', true);
      execute format('execute %I (%s)', plan_name, arguments) into sees;
      perform set_config('role', 'none', true);
    exception when others then
      sees = false;
    end;
    answers = answers || coalesce(sees, false);
  end loop;
  return answers;
end
$$;

comment on function realtime.visible_to(regclass, xid8, jsonb, jsonb) is
  'Which of these readers, {"role", "claims"}, see the row with these values of its primary key.';

-- What the local server asks when a client joins a private channel, and of each message there. A
-- probe is written and read, as the platform does, and rolled back.
create or replace function realtime.may_use(
  channel text, extension text, writes boolean, readers jsonb
) returns boolean[]
language plpgsql
set search_path = ''
as $$
declare
  probe uuid := gen_random_uuid();
  reader jsonb;
  answers boolean[] := '{}';
  may boolean;
begin
  begin
    insert into realtime.messages (id, topic, extension, private)
    values (probe, channel, may_use.extension, true);
    perform set_config('realtime.topic', channel, true);
    for reader in select value from jsonb_array_elements(readers) loop
      begin
        perform set_config('request.jwt.claims', reader ->> 'claims', true);
        perform set_config('role', reader ->> 'role', true);
        if writes then
          insert into realtime.messages (topic, extension, private)
          values (channel, may_use.extension, true);
          may = true;
        else
          may = exists (select from realtime.messages where messages.id = probe);
        end if;
        perform set_config('role', 'none', true);
      exception when others then
        may = false;
      end;
      answers = answers || may;
    end loop;
    raise exception 'undo' using errcode = 'RT000';
  exception when sqlstate 'RT000' then
    return answers;
  end;
end
$$;

comment on function realtime.may_use(text, text, boolean, jsonb) is
  'Which of these readers, {"role", "claims"}, may receive on a private channel, or send on it.';

alter function realtime.topic() owner to supabase_realtime_admin;
alter function realtime.send(jsonb, text, text, boolean) owner to supabase_realtime_admin;
alter function realtime.broadcast_changes(text, text, text, text, text, record, record, text)
  owner to supabase_realtime_admin;
revoke execute on function
  realtime.visible_to(regclass, xid8, jsonb, jsonb), realtime.may_use(text, text, boolean, jsonb)
  from public;
