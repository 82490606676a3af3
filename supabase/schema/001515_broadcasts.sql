-- The current state of what 001515_broadcasts.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.broadcast(topic text, event text, payload jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if broadcast.topic is null
    or to_regprocedure('realtime.send(jsonb,text,text,boolean)') is null
  then
    return;
  end if;
  -- Resolved at run time, as a project may not have the schema.
  perform realtime.send(broadcast.payload, broadcast.event, broadcast.topic, true);
end
$body$;

create function private.broadcast_thoughts()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.broadcast(
    private.owner_topic(agents.organization_id, agents.created_by), 'thoughts',
    jsonb_build_object(
      'execution_id', batches.execution_id, 'agent_id', batches.agent_id, 'ids', batches.ids
    )
  )
  from (
    select numbered.execution_id, numbered.agent_id, jsonb_agg(numbered.id) as ids
    from (
      select
        recorded.id, recorded.execution_id, recorded.agent_id,
        (row_number() over (partition by recorded.execution_id, recorded.agent_id) - 1) / 500
          as batch
      from recorded
    ) numbered
    group by numbered.execution_id, numbered.agent_id, numbered.batch
  ) batches
  join public.agents on agents.id = batches.agent_id and not agents.is_platform;
  return null;
end
$body$;

create function private.broadcast_turn()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  turn private.running_turns := coalesce(new, old);
begin
  perform private.broadcast(
    private.owner_topic(turn.organization_id, null), 'turn',
    jsonb_build_object(
      'turn_id', turn.id, 'agent_id', turn.agent_id, 'user_id', turn.user_id,
      'state', case tg_op when 'INSERT' then 'running' else 'settled' end
    )
  );
  return null;
end
$body$;

create function private.channel_policy_is_missing()
returns boolean
language sql stable security invoker
set search_path=""
as $body$
  select to_regclass('realtime.messages') is not null
    and not exists (
      select from pg_catalog.pg_policy policies
      where policies.polrelid = to_regclass('realtime.messages')
        and policies.polname = 'Users receive what is sent to them and their organizations'
    )
$body$;
grant execute on function private.channel_policy_is_missing() to service_role;

create function private.create_channel_policy()
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if private.channel_policy_is_missing() then
    execute $policy$
      create policy "Users receive what is sent to them and their organizations"
        on realtime.messages for select to authenticated
        using (extension = 'broadcast' and (select private.may_receive(realtime.topic())))
    $policy$;
  end if;
exception when insufficient_privilege then
  raise warning 'Private channels stay closed: this role may not create policies on '
    'realtime.messages. See "Realtime" in docs/operations.md.';
end
$body$;

create function private.may_receive(topic text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  -- Compared as text: a topic without an id belongs to no one.
  return may_receive.topic = 'user:' || private.my_id()
    or may_receive.topic in (
      select 'organization:' || mine.id from private.my_organizations('viewer') mine (id)
    );
end
$body$;
grant execute on function private.may_receive(text) to authenticated;

create function private.owner_topic(organization_id uuid, user_id uuid)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return coalesce(
    'organization:' || owner_topic.organization_id, 'user:' || owner_topic.user_id
  );
end
$body$;
