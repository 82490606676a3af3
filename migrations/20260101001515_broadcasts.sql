-- Broadcasts: private channels of Realtime for frequent changes. A channel belongs to an
-- organization or to a user; only the database sends on it. Messages carry ids, not content: hosted
-- Realtime checks a subscriber when it joins and when its token is renewed, so a former member may
-- receive for up to an hour, but cannot read the rows of the ids.

create function private.may_receive(topic text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  -- Compared as text: a topic without an id belongs to no one.
  return may_receive.topic = 'user:' || private.my_id()
    or may_receive.topic in (
      select 'organization:' || mine.id from private.my_organizations('viewer') mine (id)
    );
end
$$;
comment on function private.may_receive(text) is
  'Whether the caller may join the private channel of a topic: organization:{id} as a member, '
  'user:{id} as that user.';
grant execute on function private.may_receive(text) to authenticated;

create function private.owner_topic(organization_id uuid, user_id uuid)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return coalesce(
    'organization:' || owner_topic.organization_id, 'user:' || owner_topic.user_id
  );
end
$$;
comment on function private.owner_topic(uuid, uuid) is
  'The topic of an owner: of the organization, else of the user; null for the platform.';

create function private.broadcast(topic text, event text, payload jsonb)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if broadcast.topic is null
    or to_regprocedure('realtime.send(jsonb,text,text,boolean)') is null
  then
    return;
  end if;
  -- Resolved at run time, as a project may not have the schema.
  perform realtime.send(broadcast.payload, broadcast.event, broadcast.topic, true);
end
$$;
comment on function private.broadcast(text, text, jsonb) is
  'Sends an event to the private channel of a topic when the transaction commits; does nothing '
  'without a topic and where the project has no Realtime. Not granted: triggers send.';

create function private.broadcast_thoughts()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.broadcast_thoughts() is
  'Trigger: sends the ids of thoughts that were recorded, at most 500 a message, to the owner of '
  'the agent.';
create trigger broadcast_thoughts after insert on public.agent_thoughts
  referencing new table as recorded
  for each statement execute function private.broadcast_thoughts();

create function private.broadcast_turn()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.broadcast_turn() is
  'Trigger: notifies the channel of the paying organization, if its settings enable it, when a '
  'turn begins and when it is settled; ai_interactions then has the row of that id.';
create trigger broadcast_new_turn after insert on private.running_turns
  for each row when (new.is_broadcast) execute function private.broadcast_turn();
create trigger broadcast_settled_turn after delete on private.running_turns
  for each row when (old.is_broadcast) execute function private.broadcast_turn();

create function private.channel_policy_is_missing()
returns boolean
language sql
stable
set search_path = ''
as $$
  select to_regclass('realtime.messages') is not null
    and not exists (
      select from pg_catalog.pg_policy policies
      where policies.polrelid = to_regclass('realtime.messages')
        and policies.polname = 'Users receive what is sent to them and their organizations'
    )
$$;
comment on function private.channel_policy_is_missing() is
  'Whether this project has Realtime, and no policy that lets users join their channels.';
grant execute on function private.channel_policy_is_missing() to service_role;

create function private.create_channel_policy()
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.create_channel_policy() is
  'Lets users receive on the channels of private.may_receive(), if the project has Realtime. There '
  'is no policy for sending. Idempotent.';
select private.create_channel_policy();
