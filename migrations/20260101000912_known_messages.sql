-- Which messages of a request are already known. Most clients send the whole conversation with
-- every request. Messages that the session has are neither stored nor sent to the model twice;
-- different ones begin a branch. A request without a session id continues the caller's session
-- whose conversation it begins with.

create type private.request_messages as (
  instructions jsonb, messages jsonb, hashes uuid[], answers integer[]
);
comment on type private.request_messages is
  'The messages of a request: its instructions; what was said, in order; and, where that has '
  'answers among it (empty ones too), a hash of each message and which of them are answers, by '
  'position.';

create function private.read_messages(messages jsonb)
returns private.request_messages
language plpgsql
immutable
set search_path = ''
as $$
declare
  read private.request_messages;
begin
  read.instructions := '[]';
  read.messages := read_messages.messages;
  if read.messages @? '$[*] ? (@.role == "system" || @.role == "developer")' then
    read.instructions := jsonb_path_query_array(
      read.messages, '$[*] ? (@.role == "system" || @.role == "developer")'
    );
    read.messages := jsonb_path_query_array(
      read.messages, '$[*] ? (@.role != "system" && @.role != "developer")'
    );
  end if;
  if not read.messages @? '$[*] ? (@.role == "assistant")' then
    return read;
  end if;
  -- Empty answers are left out: vendors refuse a conversation that has one.
  select
    coalesce(jsonb_agg(said.message order by said.place), '[]'),
    array_agg(said.hash order by said.place),
    array_agg(said.rank order by said.place) filter (where said.message ->> 'role' = 'assistant')
  into read.messages, read.hashes, read.answers
  from (
    select
      hashed.*,
      row_number() over (order by hashed.place)::integer as rank
    from (
      select
        element.value as message,
        element.ordinality as place,
        private.fingerprint_of_message(element.value) as hash
      from jsonb_array_elements(read.messages) with ordinality as element
    ) hashed
    where hashed.hash is not null
  ) said;
  return read;
end
$$;
comment on function private.read_messages(jsonb) is
  'The messages of a request, without empty answers.';
grant execute on function private.read_messages(jsonb) to service_role;

create function private.history_fingerprints(
  user_id uuid, org_id uuid, agent_id uuid, hashes uuid[]
)
returns uuid[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  chained uuid[] := array[]::uuid[];
  last uuid := private.short_hash(concat_ws(
    ' ', history_fingerprints.user_id, history_fingerprints.org_id, history_fingerprints.agent_id
  ));
  hash uuid;
begin
  foreach hash in array coalesce(history_fingerprints.hashes, chained) loop
    last := private.short_hash(last || ' ' || hash);
    chained := chained || last;
  end loop;
  return chained;
end
$$;
comment on function private.history_fingerprints(uuid, uuid, uuid, uuid[]) is
  'For each message of a conversation a hash of it, all messages before it, the user and the '
  'agent.';
grant execute on function private.history_fingerprints(uuid, uuid, uuid, uuid[]) to service_role;

create function private.history_fingerprint_of(session_id uuid, answer uuid)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
  session public.chat_sessions;
  before cursor for
    select stored.content_fingerprint, stored.history_fingerprint
    from public.chat_messages stored
    where stored.session_id = session.id
      and stored.seq <@ session.current_branch
      and stored.content_fingerprint is not null and stored.status <> 'error'
    order by stored.seq desc;
  hashes uuid[] := array[history_fingerprint_of.answer];
  last uuid;
  hash uuid;
begin
  if history_fingerprint_of.answer is null then
    return null;
  end if;
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.id = history_fingerprint_of.session_id;
  -- Back to the previous answer, whose own hash covers all before it.
  for said in before loop
    last := said.history_fingerprint;
    exit when last is not null;
    hashes := said.content_fingerprint || hashes;
  end loop;
  if last is null then
    hashes := private.history_fingerprints(
      session.user_id, session.org_id, session.agent_id, hashes
    );
    return hashes[cardinality(hashes)];
  end if;
  foreach hash in array hashes loop
    last := private.short_hash(last || ' ' || hash);
  end loop;
  return last;
end
$$;
comment on function private.history_fingerprint_of(uuid, uuid) is
  'The hash of a session''s conversation with an answer at its end, given by the hash of what it '
  'says, as history_fingerprints() has it; null for an answer that says nothing.';
grant execute on function private.history_fingerprint_of(uuid, uuid) to service_role;

create function private.find_answer(
  said private.request_messages, user_id uuid, org_id uuid, agent_id uuid, session_id uuid,
  out known integer, out answer_session uuid, out answer_seq bigint
)
language plpgsql
stable
set search_path = ''
as $$
declare
  hashes uuid[] := private.history_fingerprints(
    find_answer.user_id, find_answer.org_id, find_answer.agent_id, find_answer.said.hashes
  );
begin
  for place in reverse coalesce(cardinality(find_answer.said.answers), 0)..1 loop
    known := find_answer.said.answers[place];
    select answers.session_id, answers.seq into answer_session, answer_seq
    from public.chat_messages answers
    where answers.history_fingerprint = hashes[known] and answers.status <> 'error'
      and (find_answer.session_id is null or answers.session_id = find_answer.session_id)
    order by answers.seq desc
    limit 1;
    if answer_seq is not null then
      return;
    end if;
  end loop;
  known := 0;
end
$$;
comment on function private.find_answer(
  private.request_messages, uuid, uuid, uuid, uuid
) is
  'The last answer in a request that the agent gave to this person in this conversation, and how '
  'many messages of the request reach up to it; of several the latest, in any session or in one.';
grant execute
  on function private.find_answer(private.request_messages, uuid, uuid, uuid, uuid)
  to service_role;

create type private.known_messages as (known integer, history int8multirange);
comment on type private.known_messages is
  'How many messages of a request a session has already, from the first on, and on which branch '
  'they end, as private.branch_until() has it; null for the current branch.';

create function private.overlap(
  session public.chat_sessions, said private.request_messages
)
returns integer
language plpgsql
stable
set search_path = ''
as $$
declare
  last uuid[];
begin
  select array_agg(messages.content_fingerprint order by messages.seq) into last
  from (
    select stored.seq, stored.content_fingerprint
    from public.chat_messages stored
    where stored.session_id = overlap.session.id
      and stored.seq <@ overlap.session.current_branch
      and stored.content_fingerprint is not null and stored.status <> 'error'
    order by stored.seq desc
    limit least(cardinality(overlap.said.hashes), 64)
  ) messages;
  return coalesce(
    (
      select max(length)
      from generate_series(1, cardinality(last)) as length
      where last[cardinality(last) - length + 1:] = overlap.said.hashes[:length]
        and overlap.said.answers[1] <= length
    ),
    0
  );
end
$$;
comment on function private.overlap(public.chat_sessions, private.request_messages) is
  'How many messages at the beginning of a request are the last ones of the session, an answer '
  'among them: a client that keeps only the latest messages, or sends a call of tools once more '
  'with its results.';
grant execute
  on function private.overlap(public.chat_sessions, private.request_messages)
  to service_role;

create function private.sent_again(
  session public.chat_sessions, branch int8multirange, said private.request_messages
)
returns integer
language plpgsql
stable
set search_path = ''
as $$
declare
  here public.chat_sessions := sent_again.session;
  whole integer;
begin
  if sent_again.said.hashes is null then
    return 0;
  end if;
  here.current_branch := sent_again.branch;
  select answers.known into whole
  from private.find_answer(
    sent_again.said, here.user_id, here.org_id, here.agent_id, here.id
  ) answers
  where answers.answer_seq = (
    select stored.seq
    from public.chat_messages stored
    where stored.session_id = here.id
      and stored.seq <@ here.current_branch
      and stored.content_fingerprint is not null and stored.status <> 'error'
    order by stored.seq desc
    limit 1
  );
  return coalesce(whole, private.overlap(here, sent_again.said));
end
$$;
comment on function private.sent_again(
  public.chat_sessions, int8multirange, private.request_messages
) is
  'How many messages at the beginning of a request that names a turn are those that end with it: '
  'clients send the conversation, or the end of it, although they name the turn.';
grant execute
  on function private.sent_again(public.chat_sessions, int8multirange, private.request_messages)
  to service_role;

create function private.known_in_session(
  session public.chat_sessions, said private.request_messages
)
returns private.known_messages
language plpgsql
stable
set search_path = ''
as $$
declare
  here public.chat_sessions := known_in_session.session;
  hashes uuid[] := known_in_session.said.hashes;
  known private.known_messages;
  last bigint;
  next cursor for
    select stored.seq, stored.content_fingerprint
    from public.chat_messages stored
    where stored.session_id = here.id
      and stored.seq > last
      and stored.seq <@ here.current_branch
      and stored.content_fingerprint is not null and stored.status <> 'error'
    order by stored.seq;
begin
  select answers.known, coalesce(answers.answer_seq, 0) into known.known, last
  from private.find_answer(
    known_in_session.said, here.user_id, here.org_id, here.agent_id, here.id
  ) answers;
  if last > 0 and not last <@ here.current_branch then
    known.history := private.branch_until(here.id, last);
    return known;
  end if;
  for stored in next loop
    if stored.content_fingerprint is distinct from hashes[known.known + 1] then
      -- Nothing in common: the latest messages only, or a new conversation.
      if known.known = 0 then
        known.known := private.overlap(here, known_in_session.said);
        if known.known > 0 or known_in_session.said.messages -> 0 ->> 'role' <> 'user'
        then
          return known;
        end if;
      end if;
      known.history := here.current_branch
        * int8multirange(int8range(null, case last when 0 then stored.seq else last + 1 end));
      return known;
    end if;
    known.known := known.known + 1;
    last := stored.seq;
  end loop;
  return known;
end
$$;
comment on function private.known_in_session(
  public.chat_sessions, private.request_messages
) is
  'What a session has of a request with answers in it. Such a request is a whole conversation: '
  'where the session differs from the request, a branch begins. One that has nothing in common '
  'with the session and does not begin with a user''s message is new as a whole.';
grant execute
  on function private.known_in_session(public.chat_sessions, private.request_messages)
  to service_role;
