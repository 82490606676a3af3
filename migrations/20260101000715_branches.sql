-- Branches. A session is a tree of messages: a request that continues from an earlier message
-- begins a branch, and the replaced messages stay readable. Messages are written in the order of
-- seq, so a branch is a few ranges of numbers: {(,)} where nothing was ever replaced, and
-- {(,104],[107,)} where what follows 104 replaced 105 and 106. The session has its current branch;
-- earlier ones are needed to continue from a message that was replaced.

create table private.session_branches (
  session_id uuid not null references public.chat_sessions (id) on delete cascade,
  first_seq bigint not null,
  branch int8multirange not null,
  turn_id uuid,
  created_at timestamptz not null default now(),
  primary key (session_id, first_seq),
  constraint branch_is_open check (upper_inf(branch))
);
comment on table private.session_branches is
  'Branches of sessions, except the first of each. Deleted with their session.';
comment on column private.session_branches.session_id is
  'The conversation that was branched, by chat_sessions.id.';
comment on column private.session_branches.first_seq is
  'Number of its first message: those from here to the next branch belong to this one.';
comment on column private.session_branches.branch is
  'Numbers of the messages that are its history.';
comment on column private.session_branches.turn_id is 'The turn that began it.';
comment on column private.session_branches.created_at is 'When the branch began.';
grant select, insert, update, delete on private.session_branches to service_role;
create index session_branches_turn_id_idx on private.session_branches (turn_id);

create function private.branch_until(session_id uuid, seq bigint)
returns int8multirange
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.branch_until(uuid, bigint) is
  'The history of a session''s message, with it, on whatever branch it is.';
grant execute on function private.branch_until(uuid, bigint) to service_role;

create function private.begin_branch(
  session public.chat_sessions, turn_id uuid, history int8multirange
)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.begin_branch(public.chat_sessions, uuid, int8multirange) is
  'Makes this history the current branch of a session, which the caller has locked, for the '
  'messages that a turn is about to write.';
grant execute
  on function private.begin_branch(public.chat_sessions, uuid, int8multirange)
  to service_role;

create function private.undo_branch(session_id uuid, turn_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.undo_branch(uuid, uuid) is
  'Restores the previous branch if a turn that began one failed.';
grant execute on function private.undo_branch(uuid, uuid) to service_role;

create function private.instructions_in_force(
  session_id uuid, branch int8multirange, byte_limit bigint, out seqs bigint[], out bytes bigint
)
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function private.instructions_in_force(uuid, int8multirange, bigint) is
  'The instructions that hold on a branch of a session, by seq, and their bytes: those of the '
  'latest turn that brought any, or all that were written by hand where one of these is the '
  'latest. At most half of the given bytes, but at least 1 MiB: instructions that a client wrote '
  'may exceed any server''s memory.';
grant execute
  on function private.instructions_in_force(uuid, int8multirange, bigint)
  to authenticated, service_role;

create function public.conversation_history(session public.chat_sessions)
returns jsonb
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function public.conversation_history(public.chat_sessions) is
  'The messages of a session''s current branch, oldest first, in OpenAI''s shape: the instructions '
  'that hold, and what was said; messages of failed turns are left out. A computed field of '
  'chat_sessions in the Data API, and seed 004''s column.';
grant execute
  on function public.conversation_history(public.chat_sessions)
  to authenticated, service_role;

create function public.in_history(message public.chat_messages)
returns boolean
language sql
stable
set search_path = ''
as $$
  select in_history.message.status <> 'error'
    and in_history.message.seq <@ (
      select sessions.current_branch
      from public.chat_sessions sessions
      where sessions.id = in_history.message.session_id
    )
$$;
comment on function public.in_history(public.chat_messages) is
  'Whether a message is on its session''s current branch: false for one that an edit or another '
  'answer replaced, and for one of a failed turn. A computed field of chat_messages in the Data '
  'API.';
grant execute on function public.in_history(public.chat_messages) to authenticated, service_role;
