-- Abandoned turns: those that were never settled, and those whose beginning was not answered.

create function private.abandoned_turns(expired_before timestamptz)
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select
    turns.id::text,
    row_number() over (
      partition by turns.organization_id order by turns.lease_expires_at, turns.id
    ),
    turns.lease_expires_at
  from private.running_turns turns
  where turns.lease_expires_at < abandoned_turns.expired_before
$$;
comment on function private.abandoned_turns(timestamptz) is
  'Unsettled turns whose lease ended before a time, each organization''s oldest first.';
grant execute on function private.abandoned_turns(timestamptz) to service_role;

create function private.turns_to_sweep()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select abandoned.* from private.abandoned_turns(now()) abandoned
$$;
comment on function private.turns_to_sweep() is
  'The abandoned turns, for the job sweep-turns.';

create function private.sweep_turn(turn_id uuid)
returns integer
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.sweep_turn(uuid) is
  'Fails an abandoned turn unless it is locked, and returns how many: 1 or 0.';
grant execute on function private.sweep_turn(uuid) to service_role;

create function public.sweep_chat_turns(expired_before timestamptz default now())
returns integer
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function public.sweep_chat_turns(timestamptz) is
  'Fails turns whose lease ended before a time, at most 1,000, each organization''s oldest first, '
  'and returns how many; one that cannot be settled is skipped. The job sweep-turns does the same, '
  'a turn in each transaction. Safe to run at any time and concurrently. Backend only.';
grant execute on function public.sweep_chat_turns(timestamptz) to service_role;

create function private.unanswered_turn()
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select
    '{"state": "failed", "error": {"code": "begin_unanswered", "message": "The connection to the '
    'database broke while this turn began. No model was called."}}'::jsonb
$$;
comment on function private.unanswered_turn() is
  'The outcome of a turn whose beginning was not answered: failed, at no cost.';
grant execute on function private.unanswered_turn() to service_role;

create function public.void_chat_turn(request_id text)
returns boolean
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function public.void_chat_turn(text) is
  'Fails the running turn of a request at no cost, and returns whether there was one. For a '
  'backend that lost the answer of begin_chat_turn() and so called no model; it frees the session '
  'and the budgets at once, and the sweep charges no estimate. Backend only.';
grant execute on function public.void_chat_turn(text) to service_role;
