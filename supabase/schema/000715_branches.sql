-- The current state of what 000715_branches.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.session_branches (
  session_id uuid not null,
  first_seq bigint not null,
  branch int8multirange not null,
  turn_id uuid,
  created_at timestamp with time zone default now() not null,
  constraint session_branches_pkey PRIMARY KEY (session_id, first_seq),
  constraint session_branches_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.chat_sessions(id) ON DELETE CASCADE,
  constraint branch_is_open CHECK (upper_inf(branch))
);
grant delete, insert, select, update on private.session_branches to service_role;
CREATE INDEX session_branches_turn_id_idx ON private.session_branches USING btree (turn_id);

-- Functions --------------------------------------------------------------------------------------

create function private.begin_branch(session public.chat_sessions, turn_id uuid, history int8multirange)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  first_seq bigint := (
    select messages.seq + 1
    from public.chat_messages messages
    where messages.session_id = begin_branch.session.id
    order by messages.seq desc
    limit 1
  );
  branch int8multirange := begin_branch.history
    + int8multirange(int8range(coalesce(first_seq, 1), null));
begin
  insert into private.session_branches (session_id, first_seq, branch, turn_id)
  values (begin_branch.session.id, coalesce(first_seq, 1), branch, begin_branch.turn_id)
  -- A turn that failed before it wrote a message.
  on conflict on constraint session_branches_pkey
  do update set branch = excluded.branch, turn_id = excluded.turn_id;
  update public.chat_sessions
  set current_branch = branch
  where chat_sessions.id = begin_branch.session.id;
end
$body$;
grant execute on function private.begin_branch(public.chat_sessions,uuid,int8multirange) to service_role;

create function private.branch_until(session_id uuid, seq bigint)
returns int8multirange
language sql stable security invoker
set search_path=""
as $body$
  select coalesce(
    (
      select branches.branch
      from private.session_branches branches
      where branches.session_id = branch_until.session_id
        and branches.first_seq <= branch_until.seq
      order by branches.first_seq desc
      limit 1
    ),
    '{(,)}'
  ) * int8multirange(int8range(null, branch_until.seq, '[]'))
$body$;
grant execute on function private.branch_until(uuid,bigint) to service_role;

create function private.instructions_in_force(session_id uuid, branch int8multirange, byte_limit bigint, OUT seqs bigint[], OUT bytes bigint)
returns record
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  latest record;
begin
  select stored.seq, stored.interaction_id into latest
  from public.chat_messages stored
  where stored.session_id = instructions_in_force.session_id
    and stored.role in ('system', 'developer') and stored.status <> 'error'
    and stored.seq <@ instructions_in_force.branch
  order by stored.seq desc
  limit 1;
  if not found then
    bytes := 0;
    return;
  end if;
  select array_agg(brought.seq), coalesce(max(brought.bytes), 0) into seqs, bytes
  from (
    select
      stored.seq,
      sum(
        octet_length(stored.content) + coalesce(pg_column_size(stored.content_parts), 0)
      ) over (order by stored.seq desc) as bytes
    from public.chat_messages stored
    where stored.session_id = instructions_in_force.session_id
      and stored.role in ('system', 'developer') and stored.status <> 'error'
      and stored.seq <@ instructions_in_force.branch
      and stored.interaction_id is not distinct from latest.interaction_id
      and stored.seq <= latest.seq
      and stored.seq >= coalesce(
        (
          select min(first.seq)
          from public.chat_messages first
          where first.interaction_id = latest.interaction_id
        ),
        0
      )
  ) brought
  where brought.bytes <= greatest(instructions_in_force.byte_limit / 2, 1048576);
end
$body$;
grant execute on function private.instructions_in_force(uuid,int8multirange,bigint) to authenticated, service_role;

create function private.undo_branch(session_id uuid, turn_id uuid)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  delete from private.session_branches
  where session_branches.session_id = undo_branch.session_id
    and session_branches.turn_id = undo_branch.turn_id;
  if found then
    update public.chat_sessions
    set current_branch = coalesce(
      (
        select branches.branch
        from private.session_branches branches
        where branches.session_id = undo_branch.session_id
        order by branches.first_seq desc
        limit 1
      ),
      '{(,)}'
    )
    where chat_sessions.id = undo_branch.session_id;
  end if;
end
$body$;
grant execute on function private.undo_branch(uuid,uuid) to service_role;

create function public.conversation_history(session public.chat_sessions)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select coalesce(jsonb_agg(private.as_openai_message(messages) order by messages.seq), '[]')
  from public.chat_messages messages
  where messages.session_id = conversation_history.session.id
    and messages.status <> 'error'
    and messages.seq <@ coalesce(conversation_history.session.current_branch, '{(,)}')
    and (
      messages.role not in ('system', 'developer')
      or messages.seq = any (
        (
          select force.seqs
          from private.instructions_in_force(
            conversation_history.session.id,
            coalesce(conversation_history.session.current_branch, '{(,)}'), 20971520
          ) force
        )::bigint[]
      )
    )
$body$;
grant execute on function public.conversation_history(public.chat_sessions) to authenticated, service_role;

create function public.in_history(message public.chat_messages)
returns boolean
language sql stable security invoker
set search_path=""
as $body$
  select in_history.message.status <> 'error'
    and in_history.message.seq <@ (
      select sessions.current_branch
      from public.chat_sessions sessions
      where sessions.id = in_history.message.session_id
    )
$body$;
grant execute on function public.in_history(public.chat_messages) to authenticated, service_role;
