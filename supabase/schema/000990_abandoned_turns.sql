-- The current state of what 000990_abandoned_turns.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.abandoned_turns(expired_before timestamp with time zone)
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    turns.id::text,
    row_number() over (
      partition by turns.organization_id order by turns.lease_expires_at, turns.id
    ),
    turns.lease_expires_at
  from private.running_turns turns
  where turns.lease_expires_at < abandoned_turns.expired_before
$body$;
grant execute on function private.abandoned_turns(timestamp with time zone) to service_role;

create function private.sweep_turn(turn_id uuid)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  -- Locked rows are left for the next run: the session first, then the turn, in lock order.
  perform from public.chat_sessions sessions
  where sessions.id = (
    select turns.session_id from private.running_turns turns where turns.id = sweep_turn.turn_id
  )
  for no key update skip locked;
  if not found and exists (
    select
    from private.running_turns turns
    join public.chat_sessions sessions on sessions.id = turns.session_id
    where turns.id = sweep_turn.turn_id
  ) then
    return 0;
  end if;
  perform from private.running_turns turns
  where turns.id = sweep_turn.turn_id
  for no key update skip locked;
  if not found then
    return 0;
  end if;
  return (
    public.settle_chat_turn(sweep_turn.turn_id, private.abandoned_turn()) ->> 'settled'
  )::boolean::integer;
end
$body$;
grant execute on function private.sweep_turn(uuid) to service_role;

create function private.turns_to_sweep()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select abandoned.* from private.abandoned_turns(now()) abandoned
$body$;

create function private.unanswered_turn()
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select
    '{"state": "failed", "error": {"code": "begin_unanswered", "message": "The connection to the '
    'database broke while this turn began. No model was called."}}'::jsonb
$body$;
grant execute on function private.unanswered_turn() to service_role;

create function public.sweep_chat_turns(expired_before timestamp with time zone DEFAULT now())
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  deadline constant timestamptz := clock_timestamp() + interval '40 seconds';
  turn private.due_item;
  swept integer := 0;
begin
  -- One at a time: a second run would have nothing to do.
  if not pg_try_advisory_xact_lock(private.lock_namespace('settling_many'), 0) then
    return 0;
  end if;
  -- This transaction keeps the agent and the budgets of a turn while it locks those of the next,
  -- which is against the order. So it waits only briefly: a settlement that waits for it checks for
  -- deadlocks once, after a second, and must not find it waiting.
  perform set_config('lock_timeout', '20ms', true);
  for turn in
    select abandoned.* from private.abandoned_turns(sweep_chat_turns.expired_before) abandoned
    order by abandoned.round, abandoned.due_at
    limit 1000
  loop
    exit when clock_timestamp() >= deadline;
    begin
      swept := swept + private.sweep_turn(turn.item::uuid);
    exception when others then
      raise warning 'Cannot settle turn %: %', turn.item, sqlerrm;
    end;
  end loop;
  return swept;
end
$body$;
grant execute on function public.sweep_chat_turns(timestamp with time zone) to service_role;

create function public.void_chat_turn(request_id text)
returns boolean
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  turn_id uuid := (
    select turns.id
    from private.running_turns turns
    where turns.request_id = void_chat_turn.request_id
      -- A second call is reserved only after a first one was made.
      and turns.calls = 1
  );
begin
  return (
    public.settle_chat_turn(turn_id, private.unanswered_turn()) ->> 'settled'
  )::boolean;
end
$body$;
grant execute on function public.void_chat_turn(text) to agentbase_functions;
