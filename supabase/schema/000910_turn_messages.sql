-- The current state of what 000910_turn_messages.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.as_model_message(message public.chat_messages)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  made jsonb;
begin
  -- The common case; hundreds are read for a turn.
  if num_nonnulls(
    as_model_message.message.name, as_model_message.message.content_parts,
    as_model_message.message.tool_calls, as_model_message.message.tool_call_id,
    as_model_message.message.continuation
  ) = 0 then
    return jsonb_build_object(
      'role', as_model_message.message.role, 'content', as_model_message.message.content
    );
  end if;
  made := private.as_openai_message(as_model_message.message);
  if as_model_message.message.continuation is not null then
    made := made || jsonb_build_object('continuation', as_model_message.message.continuation);
  end if;
  -- A client marks the end of the cached prefix, which moves with each request.
  if as_model_message.message.role not in ('system', 'developer')
    and as_model_message.message.content_parts @? '$[*].cache_control'
  then
    made := jsonb_set(made, '{content}', (
      select jsonb_agg(
        case jsonb_typeof(part.value)
          when 'object' then part.value - 'cache_control'
          else part.value
        end
        order by part.ordinality
      )
      from jsonb_array_elements(made -> 'content') with ordinality as part
    ));
  end if;
  return made;
end
$body$;
grant execute on function private.as_model_message(public.chat_messages) to service_role;

create function private.fitting_messages(messages jsonb, token_limit bigint, keep_last boolean)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  with messages as (
    select
      element.value as message,
      element.ordinality as place,
      private.message_tokens(element.value) as tokens,
      element.value ->> 'role' in ('system', 'developer') as is_instruction,
      -- An exchange is a person's message and all that answers it: calls of
      -- tools and their results stay together.
      count(*) filter (
        where element.value ->> 'role' = 'user'
      ) over (order by element.ordinality) as exchange
    from jsonb_array_elements(fitting_messages.messages) with ordinality as element
  ),
  running as (
    select
      messages.*,
      coalesce(
        sum(messages.tokens) filter (where messages.is_instruction) over (), 0
      ) as instructions,
      sum(messages.tokens) filter (where not messages.is_instruction) over (
        order by messages.exchange desc range unbounded preceding
      ) as since,
      max(messages.exchange) over () as last_exchange
    from messages
  )
  select coalesce(jsonb_agg(running.message order by running.place), '[]')
  from running
  where running.is_instruction
    or running.instructions + running.since <= fitting_messages.token_limit
    or (fitting_messages.keep_last and running.exchange = running.last_exchange)
$body$;
grant execute on function private.fitting_messages(jsonb,bigint,boolean) to service_role;

create function private.history_window(session_id uuid, token_limit bigint, byte_limit bigint, keep_last boolean, branch int8multirange)
returns private.history_window
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  -- A cursor is planned for returning its first rows.
  latest cursor (part int8range) for
    select
      stored.seq,
      stored.role = 'user' as is_request,
      -- Their size in memory, which is known without reading them.
      octet_length(stored.content) as text_bytes,
      coalesce(pg_column_size(stored.content_parts), 0) as part_bytes,
      coalesce(pg_column_size(stored.tool_calls), 0)
        + coalesce(pg_column_size(stored.continuation), 0) as call_bytes
    from public.chat_messages stored
    where stored.session_id = history_window.session_id
      and stored.content_fingerprint is not null and stored.status <> 'error'
      and stored.seq >= coalesce(lower(part), 0)
      and stored.seq < coalesce(upper(part), 9223372036854775807)
    order by stored.seq desc;
  part int8range;
  found private.history_window;
  instructions record := private.instructions_in_force(
    history_window.session_id, history_window.branch, history_window.byte_limit
  );
  bytes bigint := instructions.bytes;
  weight bigint := 0;
begin
  found.instructions := instructions.seqs;
  -- From the latest backwards until the window is full, so that earlier messages cost nothing.
  for part in select ranges from unnest(history_window.branch) ranges order by ranges desc loop
    for said in latest (part) loop
      bytes := bytes + said.text_bytes + said.part_bytes + said.call_bytes;
      -- Four bytes are at least a token, but of an image no more than a thousand.
      weight := weight + said.call_bytes / 2 + case said.part_bytes
        when 0 then said.text_bytes else least(said.part_bytes, 4096) end;
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
  end loop;
  if bytes <= history_window.byte_limit
    and (history_window.token_limit is null or weight <= history_window.token_limit * 4)
  then
    found.first_message := 0;
  end if;
  return found;
end
$body$;
grant execute on function private.history_window(uuid,bigint,bigint,boolean,int8multirange) to service_role;

create function private.latest_exchanges(messages jsonb, most integer, keep_last boolean)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  -- The common case.
  if latest_exchanges.most is null then
    return latest_exchanges.messages;
  end if;
  return (
    with messages as (
      select
        element.value as message,
        element.ordinality as place,
        element.value ->> 'role' in ('system', 'developer') as is_instruction,
        count(*) filter (
          where element.value ->> 'role' = 'user'
        ) over (order by element.ordinality) as exchange
      from jsonb_array_elements(latest_exchanges.messages) with ordinality as element
    ),
    counted as (
      select
        messages.*,
        count(*) filter (where not messages.is_instruction) over (
          order by messages.exchange desc range unbounded preceding
        ) as since,
        max(messages.exchange) over () as last_exchange
      from messages
    )
    select coalesce(jsonb_agg(counted.message order by counted.place), '[]')
    from counted
    where counted.is_instruction or counted.since <= latest_exchanges.most
      or (latest_exchanges.keep_last and counted.exchange = counted.last_exchange)
  );
end
$body$;
grant execute on function private.latest_exchanges(jsonb,integer,boolean) to service_role;

create function private.messages_in(session_id uuid, history private.history_window, branch int8multirange)
returns SETOF public.chat_messages
language plpgsql stable security invoker
set plan_cache_mode=force_generic_plan
set search_path=""
as $body$
begin
  -- Ranges of an index, where one condition for all would read the whole session.
  if messages_in.history.instructions <> '{}' then
    return query
    select instructions.* from public.chat_messages instructions
    where instructions.session_id = messages_in.session_id
      and instructions.seq = any ((messages_in.history).instructions);
  end if;
  return query
  select messages.*
  from unnest(messages_in.branch) part
  cross join lateral (
    select stored.* from public.chat_messages stored
    where stored.session_id = messages_in.session_id
      and stored.content_fingerprint is not null and stored.status <> 'error'
      and stored.seq >= greatest((messages_in.history).first_message, lower(part))
      and stored.seq < coalesce(upper(part), 9223372036854775807)
      -- No window, no messages: greatest() would pass over the null.
      and (messages_in.history).first_message is not null
  ) messages;
end
$body$;
grant execute on function private.messages_in(uuid,private.history_window,int8multirange) to service_role;

create function private.recent_history(session_id uuid, token_limit bigint, keep_last boolean, byte_limit bigint DEFAULT 20971520, branch int8multirange DEFAULT '{(,)}'::int8multirange, with_instructions boolean DEFAULT true)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  history private.history_window := private.history_window(
    recent_history.session_id, recent_history.token_limit, recent_history.byte_limit,
    recent_history.keep_last, recent_history.branch
  );
  everything jsonb;
begin
  if not recent_history.with_instructions then
    history.instructions := '{}';
  end if;
  select coalesce(
    jsonb_agg(
      private.as_model_message(messages)
      order by messages.role not in ('system', 'developer'), messages.seq
    ),
    '[]'
  ) into everything
  from private.messages_in(recent_history.session_id, history, recent_history.branch) messages;
  -- Nearly always all of it fits, by the same measure as below and one token a
  -- message for rounding.
  if recent_history.token_limit is null
    or private.message_tokens(everything) + jsonb_array_length(everything)
      < recent_history.token_limit
  then
    return everything;
  end if;
  return private.fitting_messages(everything, recent_history.token_limit, recent_history.keep_last);
end
$body$;
grant execute on function private.recent_history(uuid,bigint,boolean,bigint,int8multirange,boolean) to service_role;

create function private.without_open_calls(history jsonb, messages jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.without_open_calls(jsonb,jsonb) to service_role;
