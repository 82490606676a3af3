-- Turns: the two calls behind POST /chat/completions. begin_chat_turn() decides
-- and records before the upstream is called, settle_chat_turn() records what
-- came of it, each in one transaction. Both answer with prompts and routes that
-- no client may read, so only the backend calls them: with the caller's
-- identity, to which they apply the same rules as the policies do.
--
-- Both lock in the order of docs/decisions/locks-in-one-order.md, so that turns
-- never wait for each other in a circle.

create function private.let_go_when_lost()
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- Shorter than the 8 seconds that statements of the API get, so that those who
  -- wait for what this transaction holds are still answered.
  perform set_config('idle_in_transaction_session_timeout', '5s', true);
end
$$;
comment on function private.let_go_when_lost() is 'Ends this transaction if nothing more is heard from who began it: behind a connection that hangs it would hold the budgets of an organization, or a session, for as long as the system takes to notice.';
grant execute on function private.let_go_when_lost() to service_role;

-- The session of a turn --------------------------------------------------------------

create function private.continue_chat_session(session_id text)
returns public.chat_sessions
language plpgsql
strict
set search_path = ''
as $$
declare
  session public.chat_sessions;
  running public.ai_interactions;
begin
  -- The lock makes two requests on one session take turns here, so that exactly
  -- one of them finds it free.
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.session_id = continue_chat_session.session_id
    and sessions.user_id = auth.uid()
  for no key update;
  if session.id is null or session.org_id <> all (array(select private.my_organizations('member'))) then
    perform private.refuse(
      404, 'session_not_found', 'There is no such session, or it is not yours.',
      'Leave the session id out to begin a new session.'
    );
  end if;
  if session.status <> 'active' then
    perform private.refuse(
      422, 'session_ended', 'This session has ended.', 'Leave the session id out to begin a new session.'
    );
  end if;

  -- A unique index knows of one at most.
  select turns.* into running
  from public.ai_interactions turns
  where turns.session_id = session.id and turns.turn_state = 'running';
  if running.lease_expires_at < now() then
    perform public.settle_chat_turn(running.id, private.abandoned_turn());
  elsif running.id is not null then
    perform private.refuse(409, 'session_busy', 'This session is answering another request.', 'Wait for that answer, then try again.');
  end if;
  return session;
end
$$;
comment on function private.continue_chat_session(text) is 'The caller''s session, locked and free for a turn; null for none. Errors: PT404 session_not_found, PT409 session_busy, PT422 session_ended.';
grant execute on function private.continue_chat_session(text) to service_role;

create function private.paying_organization(agent public.agents)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  return case
    when agent.organization_id = any (array(select private.my_organizations('member'))) then agent.organization_id
    else private.my_organization()
  end;
end
$$;
comment on function private.paying_organization(public.agents) is 'The organization that pays for the caller''s turn with an agent: the agent''s where the caller is a member, else the caller''s own.';
grant execute on function private.paying_organization(public.agents) to service_role;

create function private.new_chat_session(target private.chat_target, payer uuid, title text)
returns public.chat_sessions
language plpgsql
set search_path = ''
as $$
declare
  made public.chat_sessions;
begin
  insert into public.chat_sessions (user_id, org_id, agent_id, model_id, title)
  values (
    (select auth.uid()), payer, target.agent_id, target.model_id, private.plain_label(new_chat_session.title)
  )
  returning * into made;
  return made;
end
$$;
comment on function private.new_chat_session(private.chat_target, uuid, text) is 'A new session of the caller with what a turn goes to, in the organization that pays.';
grant execute on function private.new_chat_session(private.chat_target, uuid, text) to service_role;

create function private.text_of(content jsonb)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case jsonb_typeof(content)
    when 'string' then content #>> '{}'
    when 'array' then coalesce(
      (
        select string_agg(part.value ->> 'text', E'\n' order by part.ordinality)
        from jsonb_array_elements(content) with ordinality as part
        where jsonb_typeof(part.value) = 'object' and part.value ->> 'type' = 'text'
      ),
      ''
    )
    else ''
  end;
end
$$;
comment on function private.text_of(jsonb) is 'The text in the content of an OpenAI message: the string, or its text parts, one per line.';
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
  from jsonb_array_elements(messages) with ordinality as message
  order by message.ordinality;
end
$$;
comment on function private.store_messages(uuid, uuid, jsonb) is 'Stores OpenAI messages in a session, in order.';
grant execute on function private.store_messages(uuid, uuid, jsonb) to service_role;

create function private.prompt_bytes(messages jsonb)
returns bigint
language plpgsql
immutable
set search_path = ''
as $$
declare
  json text := messages::text;
  bytes bigint := octet_length(json);
begin
  -- Vendors take an image for a thousand tokens or so, whatever its size.
  if bytes > 4096 and strpos(json, '"data:image/') > 0 then
    bytes := bytes - (
      select coalesce(sum(octet_length(image #>> '{}') - 4096), 0)
      from jsonb_path_query(messages, '$[*].content[*].image_url.url ? (@ starts with "data:image/")') as image
      where octet_length(image #>> '{}') > 4096
    );
  end if;
  return bytes;
end
$$;
comment on function private.prompt_bytes(jsonb) is 'Bytes of one or many OpenAI messages by which their tokens are estimated, four to a token; an image within them counts for 4,096 at most.';
grant execute on function private.prompt_bytes(jsonb) to service_role;

create type private.history_window as (first_instruction bigint, first_message bigint);
comment on type private.history_window is 'From which message of a session on its instructions are given to a model, and from which on everything else; null for none.';

create function private.history_window(session_id uuid, byte_limit bigint, keep_last boolean)
returns private.history_window
language plpgsql
stable
set search_path = ''
as $$
declare
  found private.history_window;
begin
  with messages as (
    select
      stored.seq,
      stored.role = 'user' as is_request,
      stored.role in ('system', 'developer') as is_instruction,
      -- What they take when they are read; so much is known without reading them.
      sum(
        octet_length(stored.content) + coalesce(pg_column_size(stored.content_parts), 0)
        + coalesce(pg_column_size(stored.tool_calls), 0)
      ) over (partition by stored.role in ('system', 'developer') order by stored.seq desc) as bytes
    from public.chat_messages stored
    where stored.session_id = history_window.session_id and stored.status <> 'error'
  ),
  instructions as (
    select min(messages.seq) as first, coalesce(max(messages.bytes), 0) as bytes
    from messages
    where messages.is_instruction and messages.bytes <= greatest(history_window.byte_limit / 2, 1048576)
  ),
  rest as (
    select messages.*, history_window.byte_limit - instructions.bytes as room
    from messages cross join instructions
    where not messages.is_instruction
  )
  select
    instructions.first,
    case
      when (select max(rest.bytes) <= max(rest.room) from rest) then 0
      else coalesce(
        (select min(rest.seq) from rest where rest.is_request and rest.bytes <= rest.room),
        (select max(rest.seq) from rest where rest.is_request and history_window.keep_last)
      )
    end
  into found
  from instructions;
  return found;
end
$$;
comment on function private.history_window(uuid, bigint, boolean) is 'Which messages of a session are looked at for a model: its latest instructions that have half of so many bytes together, and a MiB in any case, and its latest exchanges that fit beside them, the last one in any case where keep_last says so. The images of a long session may be more than any server can hold at once, and so may instructions that a client wrote.';
grant execute on function private.history_window(uuid, bigint, boolean) to service_role;

create function private.history_from(session_id uuid, history private.history_window)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(private.as_openai_message(messages) order by messages.seq), '[]')
    from public.chat_messages messages
    where messages.session_id = history_from.session_id and messages.status <> 'error'
      and messages.seq >= case
        when messages.role in ('system', 'developer') then (history_from.history).first_instruction
        else (history_from.history).first_message
      end
  );
end
$$;
comment on function private.history_from(uuid, private.history_window) is 'The messages of a session that a window takes in, as a model is given them; those of failed turns are no part of it.';
grant execute on function private.history_from(uuid, private.history_window) to service_role;

create function private.recent_history(session_id uuid, token_limit bigint, keep_last boolean, byte_limit bigint default 20971520)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  history private.history_window := private.history_window(session_id, byte_limit, keep_last);
  everything jsonb := private.history_from(session_id, history);
begin
  -- Nearly always all of it fits, by the same measure as below and one token a
  -- message for rounding.
  if token_limit is null or private.prompt_bytes(everything) / 4 + jsonb_array_length(everything) < token_limit then
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
      from public.chat_messages messages
      where messages.session_id = recent_history.session_id and messages.status <> 'error'
        and messages.seq >= case
          when messages.role in ('system', 'developer') then history.first_instruction
          else history.first_message
        end
    ),
    sizes as (
      select messages.*, ceil(private.prompt_bytes(messages.message) / 4.0) as tokens from messages
    ),
    running as (
      select
        sizes.*,
        coalesce(sum(sizes.tokens) filter (where sizes.is_instruction) over (), 0) as instructions,
        sum(sizes.tokens) filter (where not sizes.is_instruction) over (order by sizes.exchange desc range unbounded preceding) as since,
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
  'The latest exchanges of a session that fit into so many tokens (null: any number) and bytes, oldest dropped first and exchanges kept whole; instructions stay, as far as they have half of the bytes, the last exchange too where keep_last says that the new messages answer it.';
grant execute on function private.recent_history(uuid, bigint, boolean, bigint) to service_role;

create function private.without_open_calls(history jsonb, messages jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  if not history @? '$[*].tool_calls' then
    return history;
  end if;
  return (
    with said as (
      select
        element.value as message,
        element.ordinality as place,
        -- Results follow the message whose calls they answer.
        count(*) filter (where element.value ->> 'role' <> 'tool') over (order by element.ordinality) as block
      from jsonb_array_elements(history || messages) with ordinality as element
    ),
    answered as (
      select said.*, array_agg(said.message ->> 'tool_call_id') over (partition by said.block) as answers from said
    ),
    kept as (
      select answered.message - 'tool_calls' as message, answered.place, (
        select jsonb_build_object('tool_calls', jsonb_agg(call.value order by call.ordinality))
        from jsonb_array_elements(answered.message -> 'tool_calls') with ordinality as call
        where call.value ->> 'id' = any (answered.answers)
        having count(*) > 0
      ) as calls
      from answered
      where answered.place <= jsonb_array_length(history)
    )
    select coalesce(jsonb_agg(kept.message || coalesce(kept.calls, '{}') order by kept.place), '[]')
    from kept
    where kept.calls is not null or kept.message -> 'content' <> 'null'
  );
end
$$;
comment on function private.without_open_calls(jsonb, jsonb) is
  'A history without the calls of tools that neither it nor the new messages answer, as when an answer was cut or its caller went on without: one of them, and vendors refuse the conversation from then on.';
grant execute on function private.without_open_calls(jsonb, jsonb) to service_role;

create function private.new_messages(session_id uuid, messages jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  if not messages @? '$[*] ? (@.role == "system" || @.role == "developer")' then
    return messages;
  end if;
  return (
    with brought as (
      select
        element.value as message,
        element.ordinality as place,
        jsonb_build_array(element.value -> 'role', coalesce(element.value -> 'name', 'null'), element.value -> 'content') as instruction
      from jsonb_array_elements(messages) with ordinality as element
    ),
    stored as (
      select
        stored.seq,
        jsonb_build_array(stored.role, stored.name, coalesce(stored.content_parts, to_jsonb(stored.content))) as instruction
      from public.chat_messages stored
      where stored.session_id = new_messages.session_id
        and stored.role in ('system', 'developer')
        and stored.status <> 'error'
        and stored.seq >= (private.history_window(new_messages.session_id, 20971520, false)).first_instruction
    ),
    in_force as (
      -- Whatever followed one of them is brought again too; else it may no longer hold.
      select stored.instruction, bool_and(stored.instruction in (select brought.instruction from brought)) over (order by stored.seq desc) as is_last
      from stored
    )
    select coalesce(jsonb_agg(brought.message order by brought.place), messages)
    from brought
    where brought.instruction not in (select in_force.instruction from in_force where in_force.is_last)
  );
end
$$;
comment on function private.new_messages(uuid, jsonb) is
  'The caller''s messages without the instructions that the session ends with already, which many clients send each time: said again they would cost more with every turn, and said later they would change the beginning that vendors cache.';
grant execute on function private.new_messages(uuid, jsonb) to service_role;

create function private.messages_for_model(session_id uuid, prompt text, messages jsonb, token_limit integer)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return
    case when prompt is null then '[]' else jsonb_build_array(jsonb_build_object('role', 'system', 'content', prompt)) end
    || private.without_open_calls(
      private.recent_history(
        messages_for_model.session_id,
        token_limit - (private.prompt_bytes(messages) + coalesce(octet_length(prompt), 0)) / 4,
        messages -> 0 ->> 'role' = 'tool',
        -- No more than a request may have, which is also what some vendors accept.
        20971520 - pg_column_size(messages)
      ),
      messages
    )
    || messages;
end
$$;
comment on function private.messages_for_model(uuid, text, jsonb, integer) is 'What the model is given: the prompt, as much of the session as fits, the caller''s new messages.';
grant execute on function private.messages_for_model(uuid, text, jsonb, integer) to service_role;

-- Begin ----------------------------------------------------------------------------------

create function private.target_of_turn(model text, settings jsonb, session public.chat_sessions)
returns private.chat_target
language plpgsql
stable
set search_path = ''
as $$
declare
  -- A session stays where it was begun, so a name means there what it meant.
  organization uuid := coalesce(session.org_id, private.my_organization());
  target private.chat_target;
  agent public.agents;
begin
  if coalesce(model, '') = '' and session.agent_id is not null then
    -- A session that goes on without a model goes on with its own.
    target := private.resolve_chat_target(session.agent_id::text, settings, organization);
    target := coalesce(
      (
        select row(models.agent_id, models.id, models.service_id)::private.chat_target
        from public.models where models.id = session.model_id and models.enabled
      ),
      target
    );
  else
    target := private.resolve_chat_target(model, settings, organization);
  end if;

  select agents.* into agent from public.agents where agents.id = target.agent_id;
  -- The cheap half first: hardly any turn has the other to answer.
  if (case when agent.organization_id <> session.org_id then agent.organization_id = any (array(select private.my_organizations('member'))) end) then
    perform private.refuse(
      422, 'session_of_another_organization', format('The agent "%s" belongs to another organization than this session.', agent.name),
      'Leave the session id out to begin a new session.'
    );
  end if;
  return target;
end
$$;
comment on function private.target_of_turn(text, jsonb, public.chat_sessions) is 'What a turn goes to: what the request names, else what the session goes on with, else the organization''s default. Errors: those of resolve_chat_target, PT422 session_of_another_organization.';
grant execute on function private.target_of_turn(text, jsonb, public.chat_sessions) to service_role;

create type private.prompt_size as (bytes bigint, images integer, is_bounded boolean);
comment on type private.prompt_size is 'What a vendor can charge of a prompt: the bytes of its text, how many images it has, and whether that is all of it.';

create function private.size_of_prompt(messages jsonb, other_bytes bigint)
returns private.prompt_size
language plpgsql
immutable
set search_path = ''
as $$
declare
  size private.prompt_size := row(octet_length(messages::text) + coalesce(other_bytes, 0), 0, true);
begin
  if not messages @? '$[*].content[*] ? (@.type() == "object" && !(@.type == "text" || @.type == "refusal"))' then
    return size;
  end if;
  select
    size.bytes - coalesce(sum(octet_length(parts.image)), 0),
    count(parts.image),
    coalesce(bool_and(parts.type in ('text', 'refusal') or parts.image ~* '^(data:image/|https?://)'), false)
  into size
  from (
    select
      part ->> 'type' as type,
      case part ->> 'type' when 'image_url' then coalesce(part #>> '{image_url,url}', part ->> 'image_url') end as image
    from jsonb_path_query(messages, '$[*].content[*] ? (@.type() == "object")') as part
  ) parts;
  return size;
end
$$;
comment on function private.size_of_prompt(jsonb, bigint) is 'The size of a prompt, and of what the model reads besides. Files, audio and whatever else a part may be are not bounded by their bytes.';
grant execute on function private.size_of_prompt(jsonb, bigint) to service_role;

create function private.most_input_tokens(size private.prompt_size, route jsonb, kind text)
returns bigint
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- A window holds one text of many that are embedded.
  window_tokens bigint := case kind when 'chat' then (route ->> 'context_window')::bigint end;
begin
  if not size.is_bounded and window_tokens is null then
    perform private.refuse(
      400, 'cost_not_bounded',
      'This request has files or audio whose cost is not known in advance, so it cannot count against a budget.',
      'Send text or images, or choose a model whose context window is known.'
    );
  end if;
  return least(
    window_tokens,
    -- No tokenizer makes more tokens than bytes.
    case when size.is_bounded then size.bytes + size.images * coalesce((route ->> 'image_tokens')::bigint, 2048) end
  );
end
$$;
comment on function private.most_input_tokens(private.prompt_size, jsonb, text) is
  'The most tokens of a prompt that a vendor can charge on a route: one for each byte of text, those of its images, and no more than the context window. Errors: PT400 cost_not_bounded.';
grant execute on function private.most_input_tokens(private.prompt_size, jsonb, text) to service_role;

create function private.costs_of_routes(routes jsonb, size private.prompt_size, kind text)
returns table (fixed numeric, per_token numeric)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select
    -- The dearer rate, where a prompt may be cached or an answer reasoned about.
    input.tokens * greatest(price.input_rate, price.cache_write_rate) * 0.000001 + price.request_rate,
    greatest(price.output_rate, price.reasoning_rate) * 0.000001
  from jsonb_array_elements(routes) as route,
  lateral private.most_input_tokens(costs_of_routes.size, route, costs_of_routes.kind) as input (tokens),
  lateral private.price_at(route ->> 'service_id', now(), input.tokens) price
  where price.id is not null;
end
$$;
comment on function private.costs_of_routes(jsonb, private.prompt_size, text) is 'US dollars that a call of each route costs at most, for a prompt of this size and for each token of the answer; no row where no price is known.';
grant execute on function private.costs_of_routes(jsonb, private.prompt_size, text) to service_role;

create function private.most_cost(routes jsonb, size private.prompt_size, kind text, output_tokens integer)
returns numeric
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(round(max(costs.fixed + output_tokens * costs.per_token), 10), 0)
    from private.costs_of_routes(routes, size, kind) costs
  );
end
$$;
comment on function private.most_cost(jsonb, private.prompt_size, text, integer) is 'US dollars that a call costs at most, by the dearest of its routes, to be set aside before it; 0 where no price is known.';
grant execute on function private.most_cost(jsonb, private.prompt_size, text, integer) to service_role;

create function private.affordable_tokens(
  turn public.ai_interactions, routes jsonb, size private.prompt_size, wanted integer
)
returns integer
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select least(
      wanted,
      -- A quarter of what is left, or one answer would keep all others waiting; a thousand tokens at least.
      min(case when costs.per_token > 0 then greatest(floor((left_over.amount / 4 - costs.fixed) / costs.per_token), 1024) end)
    )
    from private.costs_of_routes(routes, size, turn.source) costs,
    (
      select min(budgets.limit_usd - budgets.spent_usd - budgets.reserved_usd) as amount
      from private.budgets_of(turn) budgets
      where budgets.is_active
    ) left_over
    where left_over.amount is not null
    having count(*) > 0
  );
end
$$;
comment on function private.affordable_tokens(public.ai_interactions, jsonb, private.prompt_size, integer) is 'How long an answer may be that wants so many tokens, by the budgets of its turn; null where none limits it.';
grant execute on function private.affordable_tokens(public.ai_interactions, jsonb, private.prompt_size, integer) to service_role;

create function private.prompt_tokens(request jsonb, messages jsonb)
returns bigint
language plpgsql
immutable
set search_path = ''
as $$
declare
  size private.prompt_size := private.size_of_prompt(messages, (request ->> 'other_bytes')::bigint);
begin
  -- Four bytes a token; vendors take an image for a thousand or so.
  return size.bytes / 4 + size.images * 1024;
end
$$;
comment on function private.prompt_tokens(jsonb, jsonb) is 'Tokens of a prompt, estimated by what a request has besides and the messages for the model.';
grant execute on function private.prompt_tokens(jsonb, jsonb) to service_role;

create function private.answer_tokens(kind text, request jsonb, routes jsonb, default_limit integer)
returns integer
language sql
immutable
set search_path = ''
as $$
  select case kind
    when 'chat' then coalesce(
      (request ->> 'max_output_tokens')::integer, default_limit, (routes -> 0 ->> 'max_output_tokens')::integer, 4096
    )
    else 0
  end
$$;
comment on function private.answer_tokens(text, jsonb, jsonb, integer) is 'Tokens that the answer of a turn may have: the request''s limit, else the default, else the model''s own.';
grant execute on function private.answer_tokens(text, jsonb, jsonb, integer) to service_role;

create function private.note_running_turn(turn public.ai_interactions, routes jsonb, request jsonb, messages jsonb, default_limit integer)
returns void
language sql
set search_path = ''
as $$
  insert into private.running_turns (interaction_id, prices, input_tokens, output_tokens)
  values (
    turn.id, private.prices_of_routes(routes), private.prompt_tokens(request, messages),
    private.answer_tokens(turn.source, request, routes, default_limit)
  )
$$;
comment on function private.note_running_turn(public.ai_interactions, jsonb, jsonb, jsonb, integer) is 'Notes what settling a turn that begins will need.';
grant execute on function private.note_running_turn(public.ai_interactions, jsonb, jsonb, jsonb, integer) to service_role;

create function private.reserve_turn(turn public.ai_interactions, routes jsonb, request jsonb, messages jsonb, default_limit integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  size private.prompt_size := private.size_of_prompt(messages, (request ->> 'other_bytes')::bigint);
  output_tokens integer := case turn.source when 'chat' then (request ->> 'max_output_tokens')::integer else 0 end;
  wanted integer := private.answer_tokens('chat', '{}', routes, default_limit);
  affordable integer;
begin
  if output_tokens is null then
    affordable := private.affordable_tokens(turn, routes, size, wanted);
    output_tokens := coalesce(affordable, wanted);
  end if;
  perform private.reserve_budgets(turn, private.most_cost(routes, size, turn.source, output_tokens));
  return affordable;
end
$$;
comment on function private.reserve_turn(public.ai_interactions, jsonb, jsonb, jsonb, integer) is
  'Sets aside what a turn could cost at most, and returns the limit of its answer that this depends on, where the caller gave none: the default or the model''s own, or as much as budgets afford. Null where the caller gave one, or no budget limits the turn. Errors: PT400 cost_not_bounded, and those of reserve_budgets().';
grant execute on function private.reserve_turn(public.ai_interactions, jsonb, jsonb, jsonb, integer) to service_role;

create function private.open_turn(
  request jsonb, payer uuid, session public.chat_sessions, agent public.agents, target private.chat_target, route jsonb
)
returns public.ai_interactions
language plpgsql
set search_path = ''
as $$
declare
  made public.ai_interactions;
begin
  insert into public.ai_interactions (
    user_id, organization_id, agent_id, session_id, model_id, vendor_id, service_id, source, title, model_name,
    turn_state, lease_expires_at, request_id, access_key_id
  )
  values (
    (select auth.uid()), payer, agent.id, session.id,
    target.model_id, route ->> 'vendor_id', route ->> 'service_id', coalesce(request ->> 'kind', 'chat'),
    'Chat with ' || coalesce(agent.name, route ->> 'model'), route ->> 'model',
    'running', now() + interval '15 minutes', request ->> 'request_id',
    ((select auth.jwt()) -> 'access_key' ->> 'id')::uuid
  )
  returning * into made;
  perform private.keep_idempotency_key(made, request);
  return made;
end
$$;
comment on function private.open_turn(jsonb, uuid, public.chat_sessions, public.agents, private.chat_target, jsonb) is 'Opens the ledger row of a turn, and notes its Idempotency-Key.';
grant execute on function private.open_turn(jsonb, uuid, public.chat_sessions, public.agents, private.chat_target, jsonb) to service_role;

create function private.limits_of_turn(request jsonb, payer uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  limits jsonb;
begin
  if (request ->> 'rate_limit')::boolean is not true
    and coalesce(request ->> 'counted_organization_id', payer::text) = payer::text
  then
    return null;
  end if;
  limits := private.plan_limits(payer);
  if (request ->> 'rate_limit')::boolean then
    perform private.check_rate_limit('user:' || (select auth.uid()), (limits ->> 'user_per_minute')::integer);
  end if;
  return limits;
end
$$;
comment on function private.limits_of_turn(jsonb, uuid) is 'The limits of the organization that pays, where the call is to be counted here: all of it, or, where it was counted for another organization before the payer was known, for this one. Refuses a person without room before the work that a turn is. Errors: PT429 rate_limit_exceeded.';
grant execute on function private.limits_of_turn(jsonb, uuid) to service_role;

create function private.count_turn(user_id uuid, request jsonb, limits jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  return case
    when (request ->> 'rate_limit')::boolean then private.take_rate_limits(count_turn.user_id, limits)
    else private.take_rate_limit(
      'organization:' || (limits ->> 'organization_id'), (limits ->> 'organization_per_minute')::integer
    )
  end;
end
$$;
comment on function private.count_turn(uuid, jsonb, jsonb) is 'Counts a turn against the limits of its payer, and those of person and access key where nobody did. Errors: PT429 rate_limit_exceeded.';
grant execute on function private.count_turn(uuid, jsonb, jsonb) to service_role;

create function public.begin_chat_turn(caller jsonb, request jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  kind text := coalesce(request ->> 'kind', 'chat');
  profile public.profiles := private.act_for(caller, case kind when 'embedding' then 'embeddings' else kind end);
  limits jsonb;
  rate_limit jsonb;
  answer jsonb := private.find_stored_answer(profile.id, request);
  session public.chat_sessions;
  settings jsonb;
  target private.chat_target;
  agent public.agents;
  payer uuid;
  routes jsonb;
  has_budget boolean;
  turn public.ai_interactions;
  said jsonb := request -> 'messages';
  messages jsonb := said;
  max_tokens integer;
  affordable integer;
begin
  perform private.let_go_when_lost();
  if answer is not null then
    return answer;
  end if;
  session := private.continue_chat_session(request ->> 'session_id');
  select organizations.settings into settings from public.organizations where organizations.id = coalesce(session.org_id, private.my_organization());
  target := private.target_of_turn(request ->> 'model', settings, session);
  select agents.* into agent from public.agents where agents.id = target.agent_id;
  payer := coalesce(session.org_id, private.paying_organization(agent));
  limits := private.limits_of_turn(request, payer);
  if kind = 'chat' and session.id is null then
    session := private.new_chat_session(target, payer, request ->> 'title');
  end if;
  has_budget := private.lock_budgets(payer);
  routes := private.open_routes(target, case kind when 'chat' then array['chat', 'search'] else array[kind] end, settings, payer);

  max_tokens := coalesce((request ->> 'max_output_tokens')::integer, agent.max_tokens, (settings ->> 'max_tokens')::integer);
  if kind = 'chat' then
    said := private.new_messages(session.id, said);
    messages := private.messages_for_model(
      session.id, coalesce(agent.system_prompt, settings ->> 'system_prompt'), said,
      (routes -> 0 ->> 'context_window')::integer - coalesce(max_tokens, 1024));
  end if;
  -- Late, so that calls of one organization wait for each other only here.
  rate_limit := case when limits is not null then private.count_turn(profile.id, request, limits) end;
  turn := private.open_turn(request, payer, session, agent, target, routes -> 0);
  if has_budget then
    affordable := private.reserve_turn(turn, routes, request, messages, max_tokens);
  end if;
  perform private.note_running_turn(turn, routes, request, messages, coalesce(affordable, max_tokens));
  if kind = 'chat' then
    perform private.store_messages(session.id, turn.id, said);
  end if;
  return jsonb_build_object(
    'turn_id', turn.id, 'session_id', session.session_id, 'routes', routes,
    'caller', jsonb_build_object('user_id', profile.id, 'access_key_id', turn.access_key_id),
    'agent', jsonb_build_object('id', agent.id, 'name', agent.name),
    'model', coalesce((select models.name from public.models where models.id = target.model_id), routes -> 0 ->> 'model'),
    'defaults', jsonb_build_object('temperature', coalesce(to_jsonb(agent.temperature), settings -> 'temperature'), 'max_tokens', max_tokens),
    'max_output_tokens', affordable, 'has_budget', has_budget, 'messages', messages, 'new_messages', jsonb_array_length(said), 'limits', limits, 'rate_limit', rate_limit
  );
end
$$;
comment on function public.begin_chat_turn(jsonb, jsonb) is
  'Begins a turn for a caller {"user_id"} or {"access_key"} and a request {"request_id", "kind" (chat or embedding), "model", "session_id", "title", "messages", "other_bytes" (of what the model reads besides), "max_output_tokens", "idempotency_key", "fingerprint", "rate_limit" (true: count it here), "counted_organization_id" (for which Redis counted it; where another pays, it is counted here for that one)}: finds the stored answer or resolves the target, creates or continues the session, picks routes, reserves budgets, opens the ledger row, stores the messages. Returns {"turn_id", "session_id", "caller" {"user_id", "access_key_id"}, "agent", "model", "routes", "defaults", "max_output_tokens" (what budgets let an answer without a limit be, else null), "has_budget" (whether each further call must be reserved, see reserve_attempt()), "messages", "new_messages" (how many of them, the last ones, are not history), "limits", "rate_limit"}, or {"replay", "turn_id", "session_id"}. Backend only. Errors: PT400 model_required, agent_cannot_chat, no_provider_key, model_not_priced, cost_not_bounded; PT401 user_not_found; PT402 budget_exceeded; PT403 account_not_active, agent_disabled, agent_not_sold; those of act_for() for an access key; PT404 model_not_found, session_not_found; PT409 session_busy, request_in_progress; PT422 session_ended, session_of_another_organization, idempotency_key_reused; PT429 rate_limit_exceeded; PT503 circuit_open.';
grant execute on function public.begin_chat_turn(jsonb, jsonb) to service_role;

-- Settle ---------------------------------------------------------------------------------

create function private.store_answer(turn public.ai_interactions, outcome jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  usage jsonb := case jsonb_typeof(outcome -> 'usage') when 'object' then private.bounded_usage(outcome -> 'usage') end;
begin
  if outcome ->> 'state' = 'failed' then
    update public.chat_messages set status = 'error' where chat_messages.interaction_id = turn.id;
  end if;
  if turn.session_id is null or num_nonnulls(outcome ->> 'content', outcome ->> 'tool_calls', outcome ->> 'usage') = 0 then
    return;
  end if;
  insert into public.chat_messages (
    session_id, interaction_id, role, content, tool_calls, finish_reason, status,
    tokens_in, tokens_out, tokens_used, latency_ms, model_used
  )
  values (
    turn.session_id, turn.id, 'assistant', coalesce(outcome ->> 'content', ''),
    nullif(outcome -> 'tool_calls', 'null'), outcome ->> 'finish_reason',
    case outcome ->> 'state' when 'succeeded' then 'complete' when 'partial' then 'partial' else 'error' end,
    (usage ->> 'input_tokens')::integer,
    (usage ->> 'output_tokens')::integer,
    (usage ->> 'input_tokens')::integer + (usage ->> 'output_tokens')::integer,
    (outcome ->> 'latency_ms')::integer,
    case when private.is_label(outcome ->> 'model_used') then outcome ->> 'model_used' end
  );
end
$$;
comment on function private.store_answer(public.ai_interactions, jsonb) is 'Stores what a turn answered, if anything, and takes the messages of a failed turn out of the history.';
grant execute on function private.store_answer(public.ai_interactions, jsonb) to service_role;

create function private.store_attempts(turn public.ai_interactions, attempts jsonb, sales jsonb)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.agent_executions (
    interaction_id, agent_id, vendor_id, service_id, api_key_id, attempt, status, upstream_status, counts_against_agent, error_code,
    error_message, first_byte_ms, latency_ms, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens,
    reasoning_tokens, usage_is_estimated, price_id, cost_breakdown, total_cost, started_at, completed_at
  )
  select
    turn.id,
    -- A route without an agent says so with null; whoever says nothing means the turn's. What was deleted
    -- while the turn ran is null.
    (
      select agents.id from public.agents
      where agents.id = case when element ? 'agent_id' then attempt.agent_id else turn.agent_id end
    ),
    (select vendors.id from public.vendors where vendors.id = attempt.vendor_id),
    (select services.id from public.vendor_services services where services.id = attempt.service_id),
    attempt.api_key_id, attempt.attempt, attempt.status,
    case when attempt.upstream_status between 100 and 599 then attempt.upstream_status end,
    coalesce(attempt.counts_against_agent, false), attempt.error_code,
    left(attempt.error_message, 2000), attempt.first_byte_ms, attempt.latency_ms,
    coalesce(sale.input_tokens, 0), coalesce(sale.output_tokens, 0), coalesce(sale.cached_input_tokens, 0),
    coalesce(sale.cache_write_tokens, 0), coalesce(sale.reasoning_tokens, 0), coalesce(sale.estimated, false),
    sale.price_id, sale.breakdown, case when sale.attempt is null then 0 else private.total_cost(sale.breakdown) end,
    attempt.started_at,
    attempt.started_at + make_interval(secs => coalesce(attempt.latency_ms, 0) / 1000.0)
  from jsonb_array_elements(coalesce(nullif(attempts, 'null'), '[]')) as element,
  jsonb_to_record(element) as attempt (
    attempt integer, agent_id uuid, vendor_id text, service_id text, api_key_id uuid, status text, upstream_status integer,
    counts_against_agent boolean, error_code text, error_message text, first_byte_ms integer, latency_ms integer,
    started_at timestamptz
  )
  left join jsonb_to_recordset(sales) as sale (
    attempt integer, input_tokens bigint, output_tokens bigint, cached_input_tokens bigint, cache_write_tokens bigint,
    reasoning_tokens bigint, estimated boolean, price_id uuid, breakdown jsonb
  ) on sale.attempt = attempt.attempt;
end
$$;
comment on function private.store_attempts(public.ai_interactions, jsonb, jsonb) is 'Stores the attempts of a turn as executions, each with what it sold.';
grant execute on function private.store_attempts(public.ai_interactions, jsonb, jsonb) to service_role;

create function private.report_to_circuits(turn public.ai_interactions)
returns void
language plpgsql
set search_path = ''
as $$
declare
  execution public.agent_executions;
begin
  for execution in
    select executions.*
    from public.agent_executions executions
    join public.agent_health health on health.agent_id = executions.agent_id
    where executions.interaction_id = turn.id
      -- A success is news only where something failed before, in this turn or earlier.
      and (
        executions.status = 'failed' or executions.attempt > 1
        or (health.circuit_state, health.status, health.consecutive_failures) <> ('closed', 'healthy', 0)
      )
    order by executions.agent_id, executions.attempt
  loop
    if execution.status = 'succeeded' then
      perform private.report_success(execution.agent_id, execution.latency_ms);
    elsif execution.counts_against_agent and private.fails_for_others(execution.agent_id, turn.user_id) then
      perform private.report_failure(execution.agent_id);
    else
      perform private.free_circuit(execution.agent_id, turn.started_at);
    end if;
  end loop;
end
$$;
comment on function private.report_to_circuits(public.ai_interactions) is 'Tells the circuit breakers how the attempts of a turn went. A failure is one where another person''s calls fail, too.';
grant execute on function private.report_to_circuits(public.ai_interactions) to service_role;

create function private.lock_turn(turn_id uuid)
returns public.ai_interactions
language plpgsql
set search_path = ''
as $$
declare
  turn public.ai_interactions;
begin
  perform private.let_go_when_lost();
  -- The session first, as begin_chat_turn() does, or the two could wait for each other.
  perform from public.chat_sessions sessions
  where sessions.id = (select turns.session_id from public.ai_interactions turns where turns.id = lock_turn.turn_id)
  for no key update;
  select turns.* into turn
  from public.ai_interactions turns
  where turns.id = lock_turn.turn_id and turns.turn_state = 'running'
  for no key update;
  return turn;
end
$$;
comment on function private.lock_turn(uuid) is 'A running turn, locked with its session; null when it is settled or unknown.';
grant execute on function private.lock_turn(uuid) to service_role;

create function public.reserve_attempt(turn_id uuid)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  turn public.ai_interactions := private.lock_turn(turn_id);
begin
  if turn.id is null then
    return false;
  end if;
  perform private.lock_budgets(turn.organization_id);
  if exists (
    select from public.budget_reservations reservations
    join public.budgets on budgets.id = reservations.budget_id
    where reservations.interaction_id = turn.id and budgets.is_active
      and budgets.spent_usd + budgets.reserved_usd + reservations.amount_usd / reservations.attempts > budgets.limit_usd
  ) then
    return false;
  end if;
  with extended as (
    update public.budget_reservations
    set amount_usd = amount_usd + amount_usd / attempts, attempts = attempts + 1
    where interaction_id = turn.id
    returning budget_id, amount_usd / attempts as amount
  )
  update public.budgets set reserved_usd = reserved_usd + extended.amount
  from extended where budgets.id = extended.budget_id;
  update private.running_turns set calls = calls + 1 where running_turns.interaction_id = turn.id;
  return true;
end
$$;
comment on function public.reserve_attempt(uuid) is 'Sets aside what one more call of a running turn could cost, where its vendor may have sold the one before. False where its budgets do not take it, or the turn is settled: then no call may follow. Backend only.';
grant execute on function public.reserve_attempt(uuid) to service_role;

create function private.mirror_of_turn(turn public.ai_interactions)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'session', (
        select jsonb_build_object(
          'user_id', sessions.user_id, 'org_id', sessions.org_id, 'agent_id', sessions.agent_id,
          'model_id', sessions.model_id, 'metadata', sessions.metadata,
          'message_count', sessions.message_count, 'last_activity_at', sessions.last_activity_at
        )
        from public.chat_sessions sessions
        where sessions.id = turn.session_id
          -- The backend knows this turn's messages only: with others among them it
          -- would cache the session without those.
          and not exists (
            select from public.chat_messages messages
            where messages.session_id = sessions.id
              and messages.interaction_id is distinct from turn.id
              and messages.seq > (select min(mine.seq) from public.chat_messages mine where mine.interaction_id = turn.id)
          )
      ),
      'agents', (
        select jsonb_agg(jsonb_build_object(
          'agent_id', health.agent_id, 'status', health.status, 'last_check', health.last_check,
          'latency_ms', health.latency_ms, 'consecutive_failures', health.consecutive_failures,
          'circuit_state', health.circuit_state, 'circuit_retry_at', health.circuit_retry_at
        ))
        from public.agent_health health
        where health.agent_id in (
          select executions.agent_id from public.agent_executions executions where executions.interaction_id = turn.id
        )
      )
    )
  );
end
$$;
comment on function private.mirror_of_turn(public.ai_interactions) is 'What a cache may keep of a turn: its session, unless others wrote into it meanwhile, and the health of the agents that it called.';
grant execute on function private.mirror_of_turn(public.ai_interactions) to service_role;

create function public.settle_chat_turn(turn_id uuid, outcome jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  turn public.ai_interactions := private.lock_turn(turn_id);
  sales jsonb := private.sales_of_turn(turn, outcome);
  sold jsonb := private.sum_of_sales(sales);
  cost numeric := private.total_cost(nullif(sold -> 'breakdown', 'null'));
begin
  -- Whoever comes second (a retry, the sweep) changes nothing.
  if turn.id is null then
    return jsonb_build_object('settled', false, 'total_cost', null);
  end if;
  perform private.store_answer(turn, outcome);
  perform private.store_attempts(turn, outcome -> 'attempts', sales);
  update public.ai_interactions
  set turn_state = outcome ->> 'state',
      status = case status when 'active' then 'completed' else status end,
      lease_expires_at = null,
      ended_at = greatest(clock_timestamp(), started_at),
      -- A fallback may have answered that has no service, and so no price.
      vendor_id = case
        when outcome ->> 'vendor_id' is null then vendor_id
        else (select vendors.id from public.vendors where vendors.id = outcome ->> 'vendor_id')
      end,
      service_id = case
        when outcome ->> 'vendor_id' is null then service_id
        else (select services.id from public.vendor_services services where services.id = outcome ->> 'service_id')
      end,
      model_name = case when private.is_label(outcome ->> 'model_used') then outcome ->> 'model_used' else model_name end,
      finish_reason = outcome ->> 'finish_reason',
      input_tokens = (sold ->> 'input_tokens')::bigint,
      output_tokens = (sold ->> 'output_tokens')::bigint,
      cached_input_tokens = (sold ->> 'cached_input_tokens')::bigint,
      cache_write_tokens = (sold ->> 'cache_write_tokens')::bigint,
      reasoning_tokens = (sold ->> 'reasoning_tokens')::bigint,
      usage_is_estimated = (sold ->> 'estimated')::boolean,
      price_id = (sold ->> 'price_id')::uuid,
      cost_breakdown = nullif(sold -> 'breakdown', 'null'),
      total_cost = cost,
      provider_cost = private.bounded_cost(outcome ->> 'provider_cost'),
      latency_ms = (outcome ->> 'latency_ms')::integer,
      first_token_ms = (outcome ->> 'first_token_ms')::integer,
      error_code = outcome -> 'error' ->> 'code',
      error_message = left(outcome -> 'error' ->> 'message', 2000)
  where ai_interactions.id = turn.id;
  perform private.keep_body(turn, outcome);
  delete from private.running_turns where running_turns.interaction_id = turn.id;
  perform private.charge_budgets(turn, cost);
  perform private.report_to_circuits(turn);
  if outcome ? 'keys' then
    perform public.report_api_keys(outcome -> 'keys');
  end if;
  return jsonb_build_object('settled', true, 'total_cost', cost::text)
    || case when (outcome ->> 'mirror')::boolean then private.mirror_of_turn(turn) else '{}' end;
end
$$;
comment on function public.settle_chat_turn(uuid, jsonb) is
  'Finishes a turn, whatever happened upstream, in one transaction: answer, tokens, cost at the price of its moment, attempts, circuits, budgets. outcome has state (succeeded, partial, failed), content, tool_calls, finish_reason, vendor_id and service_id that answered, model_used, usage of that answer, usage_is_unknown: true where nobody can say what was sold, which is then estimated by the prompt and the longest answer that was set aside, provider_cost, latency_ms, first_token_ms, error, attempts, of which each that may have been sold has usage or usage_is_unknown (where none has, the outcome''s own are those of the last), keys: those of people that were tried, as report_api_keys() takes them, answer: the body to repeat for the same Idempotency-Key, and mirror: true to be told what a cache may keep. Returns {"settled", "total_cost"}; settled is false when the turn was settled before or never was. Backend only.';
grant execute on function public.settle_chat_turn(uuid, jsonb) to service_role;

-- Turns that nobody settled -----------------------------------------------------------------

create function private.abandoned_turn()
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select '{"state": "failed", "usage_is_unknown": true, "error": {"code": "abandoned", "message": "The process that ran this turn ended before it could settle it."}}'::jsonb
$$;
comment on function private.abandoned_turn() is 'The outcome of a turn that nobody settled: it failed, and what it sold is estimated.';
grant execute on function private.abandoned_turn() to service_role;

create function private.abandoned_turns(expired_before timestamptz)
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select
    turns.id::text,
    row_number() over (partition by turns.organization_id order by turns.lease_expires_at, turns.id),
    turns.lease_expires_at
  from public.ai_interactions turns
  where turns.turn_state = 'running' and turns.lease_expires_at < expired_before
$$;
comment on function private.abandoned_turns(timestamptz) is 'Turns whose lease ended before a time and that nobody settled, each organization''s oldest first.';
grant execute on function private.abandoned_turns(timestamptz) to service_role;

create function private.turns_to_sweep()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select abandoned.* from private.abandoned_turns(now()) abandoned
$$;
comment on function private.turns_to_sweep() is 'The turns that nobody settled, for the job sweep-turns.';

create function private.sweep_turn(turn_id uuid)
returns integer
language plpgsql
set search_path = ''
as $$
begin
  -- What is in use is left for the next time: the session first, then the turn, as everywhere.
  perform from public.chat_sessions sessions
  where sessions.id = (select turns.session_id from public.ai_interactions turns where turns.id = sweep_turn.turn_id)
  for no key update skip locked;
  if not found and exists (
    select from public.ai_interactions turns where turns.id = sweep_turn.turn_id and turns.session_id is not null
  ) then
    return 0;
  end if;
  perform from public.ai_interactions turns
  where turns.id = sweep_turn.turn_id and turns.turn_state = 'running'
  for no key update skip locked;
  if not found then
    return 0;
  end if;
  return (public.settle_chat_turn(sweep_turn.turn_id, private.abandoned_turn()) ->> 'settled')::boolean::integer;
end
$$;
comment on function private.sweep_turn(uuid) is 'Fails a turn that nobody settled, unless somebody is at it, and returns how many: 1 or 0.';
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
  -- One at a time: what a second one would do, the first is doing.
  if not pg_try_advisory_xact_lock(private.lock_namespace('settling_many'), 0) then
    return 0;
  end if;
  -- This transaction keeps what it locks, so it waits for nobody as long as others wait for it.
  perform set_config('lock_timeout', '500ms', true);
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
comment on function public.sweep_chat_turns(timestamptz) is 'Fails turns whose lease ended before a time, at most 1,000, each organization''s oldest first, and returns how many; one that cannot be settled is passed over. The job sweep-turns does the same, a turn in each transaction. Safe to run at any time and twice at once. Backend only.';
grant execute on function public.sweep_chat_turns(timestamptz) to service_role;

-- Usage that came late --------------------------------------------------------------------

create function private.put_attempt_right(sale jsonb)
returns void
language sql
set search_path = ''
as $$
  update public.agent_executions
  set input_tokens = (sale ->> 'input_tokens')::bigint,
      output_tokens = (sale ->> 'output_tokens')::bigint,
      cached_input_tokens = (sale ->> 'cached_input_tokens')::bigint,
      cache_write_tokens = (sale ->> 'cache_write_tokens')::bigint,
      reasoning_tokens = (sale ->> 'reasoning_tokens')::bigint,
      usage_is_estimated = (sale ->> 'estimated')::boolean,
      price_id = (sale ->> 'price_id')::uuid,
      cost_breakdown = nullif(sale -> 'breakdown', 'null'),
      total_cost = private.total_cost(nullif(sale -> 'breakdown', 'null'))
  where agent_executions.id = (sale ->> 'id')::uuid
$$;
comment on function private.put_attempt_right(jsonb) is 'Replaces what an attempt sold by a sale that has its id.';
grant execute on function private.put_attempt_right(jsonb) to service_role;

create function private.put_turn_right(turn public.ai_interactions, sales jsonb)
returns numeric
language plpgsql
set search_path = ''
as $$
declare
  sold jsonb := private.sum_of_sales(sales);
  cost numeric := private.total_cost(nullif(sold -> 'breakdown', 'null'));
begin
  update public.ai_interactions
  set input_tokens = (sold ->> 'input_tokens')::bigint,
      output_tokens = (sold ->> 'output_tokens')::bigint,
      cached_input_tokens = (sold ->> 'cached_input_tokens')::bigint,
      cache_write_tokens = (sold ->> 'cache_write_tokens')::bigint,
      reasoning_tokens = (sold ->> 'reasoning_tokens')::bigint,
      usage_is_estimated = (sold ->> 'estimated')::boolean,
      price_id = (sold ->> 'price_id')::uuid,
      cost_breakdown = nullif(sold -> 'breakdown', 'null'),
      total_cost = cost
  where ai_interactions.id = turn.id;
  return cost;
end
$$;
comment on function private.put_turn_right(public.ai_interactions, jsonb) is 'Replaces what a settled turn used and cost by the sum of sales, and returns the cost.';
grant execute on function private.put_turn_right(public.ai_interactions, jsonb) to service_role;

create function public.correct_chat_turn(turn_id uuid, correction jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  turn public.ai_interactions;
  usage jsonb := private.bounded_usage(correction -> 'usage');
  sales jsonb;
  place integer;
  cost numeric;
begin
  select turns.* into turn
  from public.ai_interactions turns
  where turns.id = correct_chat_turn.turn_id and turns.turn_state <> 'running' and turns.usage_is_estimated
  for no key update;
  if turn.id is null then
    return jsonb_build_object('corrected', false, 'total_cost', null);
  end if;
  sales := private.recorded_sales(turn);
  select sale.ordinality - 1 into place
  from jsonb_array_elements(sales) with ordinality as sale
  where sale.value @> '{"estimated": true}'
  order by sale.ordinality desc
  limit 1;
  sales := jsonb_set(sales, array[place::text], private.priced_again(turn, sales -> place || usage, (sales -> place ->> 'price_id')::uuid));
  perform private.put_attempt_right(sales -> place);
  cost := private.put_turn_right(turn, sales);
  update public.ai_interactions
  set provider_cost = coalesce(private.bounded_cost(correction ->> 'provider_cost'), provider_cost)
  where ai_interactions.id = turn.id;
  update public.chat_messages
  set tokens_in = (usage ->> 'input_tokens')::integer,
      tokens_out = (usage ->> 'output_tokens')::integer,
      tokens_used = (usage ->> 'input_tokens')::integer + (usage ->> 'output_tokens')::integer
  where chat_messages.interaction_id = turn.id and chat_messages.role = 'assistant' and chat_messages.tokens_in is not null;
  perform private.charge_budgets(turn, coalesce(cost, 0) - coalesce(turn.total_cost, 0));
  return jsonb_build_object('corrected', true, 'total_cost', cost::text);
end
$$;
comment on function public.correct_chat_turn(uuid, jsonb) is
  'Puts a settled turn whose usage is an estimate right, once: correction has usage of its last attempt, as settle_chat_turn() takes it, and provider_cost. Tokens, cost at the price of its moment, the answer''s tokens and budgets follow. Returns {"corrected", "total_cost"}; corrected is false when there is no estimate to put right. Backend only.';
grant execute on function public.correct_chat_turn(uuid, jsonb) to service_role;

-- Prices that came late -------------------------------------------------------------------

create function public.reprice_interactions(during tstzrange)
returns table (interaction_id uuid, old_cost numeric, new_cost numeric)
language plpgsql
set search_path = ''
as $$
declare
  turn public.ai_interactions;
  sales jsonb;
  cost numeric;
  payers uuid[] := array[]::uuid[];
begin
  perform pg_advisory_xact_lock(private.lock_namespace('settling_many'), 0);
  for turn in
    select turns.* from public.ai_interactions turns
    where turns.started_at <@ during
      and turns.source <> 'manual'
      and turns.turn_state <> 'running'
      -- A failed turn has a cost where tokens were used nonetheless.
      and (turns.turn_state <> 'failed' or turns.input_tokens + turns.output_tokens > 0)
    order by turns.id
    for no key update
  loop
    sales := (
      select jsonb_agg(private.priced_again(turn, sale.value, null) order by sale.ordinality)
      from jsonb_array_elements(private.recorded_sales(turn)) with ordinality as sale
    );
    cost := private.total_cost(nullif(private.sum_of_sales(sales) -> 'breakdown', 'null'));
    continue when cost is null or cost is not distinct from turn.total_cost;
    perform private.put_attempt_right(sale) from jsonb_array_elements(sales) as sale;
    perform private.put_turn_right(turn, sales);
    if turn.organization_id <> all (payers) then
      payers := payers || turn.organization_id;
    end if;
    interaction_id := turn.id;
    old_cost := turn.total_cost;
    new_cost := cost;
    return next;
  end loop;
  perform private.recount_budgets(payer.id) from (select unnest(payers) as id order by 1) payer;
end
$$;
comment on function public.reprice_interactions(tstzrange) is
  'Prices the turns of a range of time again, at the prices that now hold for their moments, and returns those whose cost changed; budgets follow. What has no price any more keeps its cost. Backend only.';
grant execute on function public.reprice_interactions(tstzrange) to service_role;
