-- What a turn says, and what its model is given of the conversation.

create function private.text_of(content jsonb)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case jsonb_typeof(text_of.content)
    when 'string' then text_of.content #>> '{}'
    when 'array' then coalesce(
      (
        select string_agg(part.value ->> 'text', E'\n' order by part.ordinality)
        from jsonb_array_elements(text_of.content) with ordinality as part
        where jsonb_typeof(part.value) = 'object' and part.value ->> 'type' = 'text'
      ),
      ''
    )
    else ''
  end;
end
$$;
comment on function private.text_of(jsonb) is
  'The text in the content of an OpenAI message: the string, or its text parts, one per line.';
grant execute on function private.text_of(jsonb) to service_role;

create function private.store_messages(session_id uuid, turn_id uuid, messages jsonb)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.chat_messages (
    session_id, interaction_id, role, content, content_parts, name, tool_calls, tool_call_id
  )
  select
    store_messages.session_id,
    store_messages.turn_id,
    message.value ->> 'role',
    private.text_of(message.value -> 'content'),
    case jsonb_typeof(message.value -> 'content') when 'array' then message.value -> 'content' end,
    message.value ->> 'name',
    nullif(message.value -> 'tool_calls', 'null'),
    message.value ->> 'tool_call_id'
  from jsonb_array_elements(store_messages.messages) with ordinality as message
  order by message.ordinality;
end
$$;
comment on function private.store_messages(uuid, uuid, jsonb) is
  'Stores OpenAI messages in a session, in order.';
grant execute on function private.store_messages(uuid, uuid, jsonb) to service_role;

create type private.history_window as (first_instruction bigint, first_message bigint);
comment on type private.history_window is
  'From which message of a session on its instructions are given to a model, and from which on '
  'everything else; null for none.';

create function private.instructions_window(
  session_id uuid, byte_limit bigint, out first_instruction bigint, out bytes bigint
)
language sql
stable
set search_path = ''
as $$
  select min(latest.seq), coalesce(max(latest.bytes), 0)
  from (
    select
      stored.seq,
      sum(
        octet_length(stored.content) + coalesce(pg_column_size(stored.content_parts), 0)
      ) over (order by stored.seq desc) as bytes
    from public.chat_messages stored
    where stored.session_id = instructions_window.session_id and stored.status <> 'error'
      and stored.role in ('system', 'developer')
  ) latest
  where latest.bytes <= greatest(instructions_window.byte_limit / 2, 1048576)
$$;
comment on function private.instructions_window(uuid, bigint) is
  'From which message on the instructions of a session have half of so many bytes together, and a '
  'MiB in any case, and how many they have. Instructions that a client wrote may be more than any '
  'server can hold at once.';
grant execute on function private.instructions_window(uuid, bigint) to service_role;

create function private.history_window(
  session_id uuid, token_limit bigint, byte_limit bigint, keep_last boolean
)
returns private.history_window
language plpgsql
stable
set search_path = ''
as $$
declare
  -- A cursor is planned for its first rows.
  latest cursor for
    select
      stored.seq,
      stored.role = 'user' as is_request,
      -- What they take when they are read; so much is known without reading them.
      octet_length(stored.content) as text_bytes,
      coalesce(pg_column_size(stored.content_parts), 0) as part_bytes,
      coalesce(pg_column_size(stored.tool_calls), 0) as call_bytes
    from public.chat_messages stored
    where stored.session_id = history_window.session_id and stored.status <> 'error'
      and stored.role not in ('system', 'developer')
    order by stored.seq desc;
  found private.history_window;
  bytes bigint;
  weight bigint := 0;
begin
  select instructions.* into found.first_instruction, bytes
  from private.instructions_window(
    history_window.session_id, history_window.byte_limit
  ) instructions;
  -- Back from the latest until the window is full: what lies before costs nothing.
  for said in latest loop
    bytes := bytes + said.text_bytes + said.part_bytes + said.call_bytes;
    -- Four bytes are at least a token, but of an image no more than a thousand.
    weight := weight + said.call_bytes / 2
      + case said.part_bytes
        when 0 then said.text_bytes
        else least(said.part_bytes, 4096)
      end;
    if bytes > history_window.byte_limit or weight > history_window.token_limit * 4 then
      if found.first_message is not null or not history_window.keep_last then
        return found;
      end if;
      -- The last exchange is given in any case.
      continue when not said.is_request;
      found.first_message := said.seq;
      return found;
    end if;
    if said.is_request then
      found.first_message := said.seq;
    end if;
  end loop;
  if bytes <= history_window.byte_limit
    and (history_window.token_limit is null or weight <= history_window.token_limit * 4)
  then
    found.first_message := 0;
  end if;
  return found;
end
$$;
comment on function private.history_window(uuid, bigint, bigint, boolean) is
  'Which messages of a session are looked at for a model: its instructions of '
  'instructions_window(), and its latest exchanges that fit beside them into so many bytes and '
  'may fit into so many tokens (null: any number), the last one in any case where keep_last says '
  'so. The images of a long session may be more than any server can hold at once.';
grant execute on function private.history_window(uuid, bigint, bigint, boolean) to service_role;

create type private.prompt_size as (bytes bigint, images integer, is_bounded boolean);
comment on type private.prompt_size is
  'What a vendor can charge of a prompt: the bytes of its text, how many images it has, and '
  'whether that is all of it.';

create function private.size_of_prompt(messages jsonb, other_bytes bigint)
returns private.prompt_size
language plpgsql
immutable
set search_path = ''
as $$
declare
  size private.prompt_size := row(
    octet_length(size_of_prompt.messages::text) + coalesce(size_of_prompt.other_bytes, 0), 0, true
  );
begin
  if not size_of_prompt.messages @?
    '$[*].content[*] ? (@.type() == "object" && !(@.type == "text" || @.type == "refusal"))'
  then
    return size;
  end if;
  select
    size.bytes - coalesce(sum(octet_length(parts.image)), 0),
    count(parts.image),
    coalesce(
      bool_and(parts.type in ('text', 'refusal') or parts.image ~* '^(data:image/|https?://)'),
      false
    )
  into size
  from (
    select
      part ->> 'type' as type,
      case part ->> 'type'
        when 'image_url' then coalesce(part #>> '{image_url,url}', part ->> 'image_url')
      end as image
    from jsonb_path_query(
      size_of_prompt.messages, '$[*].content[*] ? (@.type() == "object")'
    ) as part
  ) parts;
  return size;
end
$$;
comment on function private.size_of_prompt(jsonb, bigint) is
  'The size of a prompt, and of what the model reads besides. Files, audio and whatever else a '
  'part may be are not bounded by their bytes.';
grant execute on function private.size_of_prompt(jsonb, bigint) to service_role;

create function private.messages_in(session_id uuid, history private.history_window)
returns setof public.chat_messages
language sql
stable
set search_path = ''
as $$
  -- Two ranges of an index, where one condition for both would read the whole session.
  select instructions.* from public.chat_messages instructions
  where instructions.session_id = messages_in.session_id and instructions.status <> 'error'
    and instructions.role in ('system', 'developer')
    and instructions.seq >= (messages_in.history).first_instruction
  union all
  select messages.* from public.chat_messages messages
  where messages.session_id = messages_in.session_id and messages.status <> 'error'
    and messages.role not in ('system', 'developer')
    and messages.seq >= (messages_in.history).first_message
$$;
comment on function private.messages_in(uuid, private.history_window) is
  'The messages of a session that a window takes in; those of failed turns are no part of it.';
grant execute on function private.messages_in(uuid, private.history_window) to service_role;

create function private.history_from(session_id uuid, history private.history_window)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(private.as_openai_message(messages) order by messages.seq), '[]')
    from private.messages_in(history_from.session_id, history_from.history) messages
  );
end
$$;
comment on function private.history_from(uuid, private.history_window) is
  'The messages of a session that a window takes in, as a model is given them.';
grant execute on function private.history_from(uuid, private.history_window) to service_role;

create function private.recent_history(
  session_id uuid, token_limit bigint, keep_last boolean, byte_limit bigint default 20971520
)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  history private.history_window := private.history_window(
    session_id, token_limit, recent_history.byte_limit, keep_last
  );
  everything jsonb := private.history_from(session_id, history);
begin
  -- Nearly always all of it fits, by the same measure as below and one token a
  -- message for rounding.
  if token_limit is null
    or private.message_tokens(everything) + jsonb_array_length(everything) < token_limit
  then
    return everything;
  end if;
  return (
    with messages as (
      select
        private.as_openai_message(messages) as message,
        messages.seq,
        messages.role in ('system', 'developer') as is_instruction,
        -- An exchange is a person's message and all that answers it: calls of
        -- tools and their results stay together.
        count(*) filter (where messages.role = 'user') over (order by messages.seq) as exchange
      from private.messages_in(recent_history.session_id, history) messages
    ),
    sizes as (
      select messages.*, private.message_tokens(messages.message) as tokens from messages
    ),
    running as (
      select
        sizes.*,
        coalesce(sum(sizes.tokens) filter (where sizes.is_instruction) over (), 0) as instructions,
        sum(sizes.tokens) filter (where not sizes.is_instruction) over (
          order by sizes.exchange desc range unbounded preceding
        ) as since,
        max(sizes.exchange) over () as last_exchange
      from sizes
    )
    select coalesce(jsonb_agg(running.message order by running.seq), '[]')
    from running
    where running.is_instruction
      or running.instructions + running.since <= recent_history.token_limit
      or (recent_history.keep_last and running.exchange = running.last_exchange)
  );
end
$$;
comment on function private.recent_history(uuid, bigint, boolean, bigint) is
  'The latest exchanges of a session that fit into so many tokens (null: any number) and bytes, '
  'oldest dropped first and exchanges kept whole; instructions stay, as far as they have half of '
  'the bytes, the last exchange too where keep_last says that the new messages answer it.';
grant execute on function private.recent_history(uuid, bigint, boolean, bigint) to service_role;

create function private.without_open_calls(history jsonb, messages jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  if not without_open_calls.history @? '$[*].tool_calls' then
    return without_open_calls.history;
  end if;
  return (
    with said as (
      select
        element.value as message,
        element.ordinality as place,
        -- Results follow the message whose calls they answer.
        count(*) filter (
          where element.value ->> 'role' <> 'tool'
        ) over (order by element.ordinality) as block
      from jsonb_array_elements(
        without_open_calls.history || without_open_calls.messages
      ) with ordinality as element
    ),
    answered as (
      select
        said.*,
        array_agg(said.message ->> 'tool_call_id') over (partition by said.block) as answers
      from said
    ),
    kept as (
      select answered.message - 'tool_calls' as message, answered.place, (
        select jsonb_build_object('tool_calls', jsonb_agg(call.value order by call.ordinality))
        from jsonb_array_elements(answered.message -> 'tool_calls') with ordinality as call
        where call.value ->> 'id' = any (answered.answers)
        having count(*) > 0
      ) as calls
      from answered
      where answered.place <= jsonb_array_length(without_open_calls.history)
    )
    select coalesce(
      jsonb_agg(kept.message || coalesce(kept.calls, '{}') order by kept.place), '[]'
    )
    from kept
    where kept.calls is not null or kept.message -> 'content' <> 'null'
  );
end
$$;
comment on function private.without_open_calls(jsonb, jsonb) is
  'A history without the calls of tools that neither it nor the new messages answer, as when an '
  'answer was cut or its caller went on without: one of them, and vendors refuse the '
  'conversation from then on.';
grant execute on function private.without_open_calls(jsonb, jsonb) to service_role;
