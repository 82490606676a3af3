-- Where in a session a turn continues, and what its model receives.

create type private.prompt_size as (
  bytes bigint, images integer, documents integer, is_bounded boolean
);
comment on type private.prompt_size is
  'What a vendor can charge of a prompt: the bytes of its text, how many images, and how many '
  'documents and recordings it has, and whether that is all of it.';

create function private.size_of_prompt(messages jsonb, other_bytes bigint)
returns private.prompt_size
language plpgsql
immutable
set search_path = ''
as $$
declare
  size private.prompt_size := row(
    octet_length(size_of_prompt.messages::text) + coalesce(size_of_prompt.other_bytes, 0), 0, 0,
    true
  );
begin
  if not size_of_prompt.messages @?
    '$[*].content[*] ? (@.type() == "object" && !(@.type == "text" || @.type == "refusal"))'
  then
    return size;
  end if;
  select
    size.bytes - coalesce(
      sum(octet_length(parts.image)), 0
    ) - coalesce(sum(octet_length(parts.document)), 0),
    count(parts.image),
    count(parts.document),
    coalesce(
      bool_and(
        parts.type in ('text', 'refusal') or parts.document is not null
        or parts.image ~* '^(data:image/|https?://)'
      ),
      false
    )
  into size
  from (
    select
      part ->> 'type' as type,
      case part ->> 'type'
        when 'image_url' then coalesce(part #>> '{image_url,url}', part ->> 'image_url')
      end as image,
      case part ->> 'type'
        when 'file' then part #>> '{file,file_data}'
        when 'input_audio' then part #>> '{input_audio,data}'
      end as document
    from jsonb_path_query(
      size_of_prompt.messages, '$[*].content[*] ? (@.type() == "object")'
    ) as part
  ) parts;
  return size;
end
$$;
comment on function private.size_of_prompt(jsonb, bigint) is
  'The size of a prompt and the model''s other input. Files by id or URL, and other kinds of '
  'parts, have no known bound.';
grant execute on function private.size_of_prompt(jsonb, bigint) to service_role;

create function private.new_instructions(
  session_id uuid, branch int8multirange, instructions jsonb
)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  if new_instructions.instructions = '[]' then
    return '[]'::jsonb;
  end if;
  return (
    with brought as (
      select
        array_agg(
          jsonb_build_array(
            coalesce(element.value -> 'name', 'null'), private.text_of(element.value -> 'content'),
            private.plain_parts(element.value -> 'content')
          )
          order by element.ordinality
        ) as instructions
      from jsonb_array_elements(new_instructions.instructions) with ordinality as element
    ),
    in_force as (
      select
        array_agg(
          jsonb_build_array(
            stored.name,
            case
              when stored.content_parts is null then stored.content
              else private.text_of(stored.content_parts)
            end,
            private.plain_parts(stored.content_parts)
          )
          order by stored.seq
        ) as instructions
      from public.chat_messages stored
      where stored.session_id = new_instructions.session_id
        and stored.seq = any (
          (private.instructions_in_force(
            new_instructions.session_id, new_instructions.branch, 20971520
          )).seqs
        )
    )
    select case
      when brought.instructions = in_force.instructions then '[]'::jsonb
      else new_instructions.instructions
    end
    from brought, in_force
  );
end
$$;
comment on function private.new_instructions(uuid, int8multirange, jsonb) is
  'The instructions of a request, or none where they are those that hold in the session already. '
  'A request that brings others replaces them; one that brings none changes nothing.';
grant execute
  on function private.new_instructions(uuid, int8multirange, jsonb)
  to service_role;

create function private.check_message_length(agent public.agents, messages jsonb)
returns void
language plpgsql
immutable
set search_path = ''
as $$
declare
  most integer := (
    (check_message_length.agent).security ->> 'max_message_characters'
  )::numeric::integer;
  longest integer;
begin
  if most is null then
    return;
  end if;
  select max(char_length(private.text_of(element.value -> 'content'))) into longest
  from jsonb_array_elements(check_message_length.messages) as element
  where element.value ->> 'role' = 'user';
  if longest > most then
    perform private.refuse(
      'message_too_long',
      format('A message has %s characters; this agent takes at most %s.', longest, most)
    );
  end if;
end
$$;
comment on function private.check_message_length(public.agents, jsonb) is
  'Refuses messages of a user that are longer than security.max_message_characters. Errors: PT413 '
  'message_too_long.';
grant execute on function private.check_message_length(public.agents, jsonb) to service_role;

create type private.turn_place as (
  session public.chat_sessions,
  history int8multirange, kept int8multirange, instructions jsonb, said jsonb, stored jsonb
);
comment on type private.turn_place is
  'Where a turn goes on: its session; the messages that its model is given as history; those '
  'that what it says follows, where it begins a branch, else null; the instructions that are new; '
  'what is said, at least the last message; and what of it is to be stored.';

create function private.place_of_turn(
  session public.chat_sessions, said private.request_messages, continues_turn uuid
)
returns private.turn_place
language plpgsql
stable
set search_path = ''
as $$
declare
  place private.turn_place;
  known private.known_messages;
  last jsonb := place_of_turn.said.messages -> -1;
begin
  place.history := coalesce(place_of_turn.session.current_branch, '{}');
  place.said := place_of_turn.said.messages;
  if place_of_turn.continues_turn is not null then
    known.history := private.history_of_turn(place_of_turn.session, place_of_turn.continues_turn);
    known.known := private.sent_again(
      place_of_turn.session, coalesce(known.history, place.history), place_of_turn.said
    );
  elsif place_of_turn.session.message_count > 0 and place_of_turn.said.hashes is not null then
    known := private.known_in_session(place_of_turn.session, place_of_turn.said);
  end if;
  if known.known > 0 then
    place.said := coalesce(
      jsonb_path_query_array(
        place_of_turn.said.messages, '$[$known to last]', jsonb_build_object('known', known.known)
      ),
      '[]'
    );
  end if;
  place.stored := place.said;
  if known.history is not null then
    place.history := known.history;
    place.kept := known.history;
  end if;
  place.instructions := private.new_instructions(
    place_of_turn.session.id, place.history, place_of_turn.said.instructions
  );
  if place.said = '[]' and last is not null then
    -- Answered again: its last message is still the question.
    place.said := jsonb_build_array(last);
    place.history := private.before_last(place_of_turn.session.id, place.history);
  end if;
  return place;
end
$$;
comment on function private.place_of_turn(
  public.chat_sessions, private.request_messages, uuid
) is
  'Where in its session a request continues: after the turn that it names, else after its messages '
  'that the session has.';
grant execute
  on function private.place_of_turn(public.chat_sessions, private.request_messages, uuid)
  to service_role;

create function private.before_last(session_id uuid, history int8multirange)
returns int8multirange
language sql
stable
set search_path = ''
as $$
  select before_last.history * int8multirange(int8range(null, (
    select stored.seq
    from public.chat_messages stored
    where stored.session_id = before_last.session_id
      and stored.seq <@ before_last.history
      and stored.content_fingerprint is not null and stored.status <> 'error'
    order by stored.seq desc
    limit 1
  )))
$$;
comment on function private.before_last(uuid, int8multirange) is
  'A history without its last message.';
grant execute on function private.before_last(uuid, int8multirange) to service_role;

create function private.history_of_turn(session public.chat_sessions, turn_id uuid)
returns int8multirange
language sql
stable
set search_path = ''
as $$
  select case
    when answers.seq < (
      select max(messages.seq)
      from public.chat_messages messages
      where messages.session_id = answers.session_id
        and messages.content_fingerprint is not null and messages.status <> 'error'
    )
      or not answers.seq <@ history_of_turn.session.current_branch
      then private.branch_until(answers.session_id, answers.seq)
  end
  from public.chat_messages answers
  where answers.interaction_id = history_of_turn.turn_id
    and answers.session_id = history_of_turn.session.id
  order by answers.seq desc
  limit 1
$$;
comment on function private.history_of_turn(public.chat_sessions, uuid) is
  'The messages up to the answer of a turn, where something else follows it in its session; null '
  'where it is the last, and in a session that was made for what continues it.';
grant execute on function private.history_of_turn(public.chat_sessions, uuid) to service_role;

create function private.messages_for_model(
  session_id uuid, prompt text, place private.turn_place, token_limit integer,
  most_messages integer default null
)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  first jsonb := case
    when messages_for_model.prompt is null then '[]'
    else jsonb_build_array(
      jsonb_build_object('role', 'system', 'content', messages_for_model.prompt)
    )
  end || messages_for_model.place.instructions;
begin
  if messages_for_model.session_id is null then
    return first || messages_for_model.place.said;
  end if;
  return first
    || private.without_open_calls(
      private.latest_exchanges(private.recent_history(
        messages_for_model.session_id,
        messages_for_model.token_limit - private.message_tokens(messages_for_model.place.said)
          - case first when '[]' then 0 else private.message_tokens(first) end,
        messages_for_model.place.said -> 0 ->> 'role' = 'tool',
        -- No more than a request may have, which is also what some vendors accept.
        20971520 - pg_column_size(messages_for_model.place.said),
        messages_for_model.place.history,
        messages_for_model.place.instructions = '[]'
      ), messages_for_model.most_messages, messages_for_model.place.said -> 0 ->> 'role' = 'tool'),
      messages_for_model.place.said
    )
    || messages_for_model.place.said;
end
$$;
comment on function
  private.messages_for_model(uuid, text, private.turn_place, integer, integer) is
  'What the model is given: the prompt, the instructions, as much of the session as fits, and at '
  'most so many of its messages, the caller''s new messages.';
grant execute on function
  private.messages_for_model(uuid, text, private.turn_place, integer, integer)
  to service_role;

create function private.store_turn(
  session public.chat_sessions, turn_id uuid, place private.turn_place, vendor_id text
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if store_turn.session.id is null then
    return;
  end if;
  if store_turn.session.title is null and store_turn.session.message_count = 0 then
    update public.chat_sessions
    set title = private.title_of(store_turn.place.stored)
    where chat_sessions.id = store_turn.session.id;
  end if;
  if store_turn.place.kept is not null then
    perform private.begin_branch(store_turn.session, store_turn.turn_id, store_turn.place.kept);
  end if;
  perform private.store_messages(
    store_turn.session.id, store_turn.turn_id,
    store_turn.place.instructions || store_turn.place.stored, store_turn.vendor_id
  );
end
$$;
comment on function private.store_turn(
  public.chat_sessions, uuid, private.turn_place, text
) is
  'Stores the messages of a turn that its session lacks, on a new branch if they replace others. A '
  'session that begins with it without a title gets one.';
grant execute
  on function private.store_turn(public.chat_sessions, uuid, private.turn_place, text)
  to service_role;

create function private.stored_session(place private.turn_place, request jsonb)
returns public.chat_sessions
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case
    when not stored_session.request @> '{"store": false}' then stored_session.place.session
  end;
end
$$;
comment on function private.stored_session(private.turn_place, jsonb) is
  'The session that stores the messages of a turn; null if the request disables storage.';
grant execute on function private.stored_session(private.turn_place, jsonb) to service_role;

create function private.record_prompt_limit(session_id uuid, outcome jsonb)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if record_prompt_limit.outcome ->> 'prompt_limit' is null then
    return;
  end if;
  update public.chat_sessions
  set prompt_limit = greatest((record_prompt_limit.outcome ->> 'prompt_limit')::integer, 1)
  where chat_sessions.id = record_prompt_limit.session_id;
end
$$;
comment on function private.record_prompt_limit(uuid, jsonb) is
  'Records the size of a prompt that a vendor accepted after it had refused a longer one.';
grant execute on function private.record_prompt_limit(uuid, jsonb) to service_role;
