-- The current state of what 000942_responses.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.response_events (
  turn_id uuid not null,
  first_number integer not null,
  events jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint response_events_pkey PRIMARY KEY (turn_id, first_number),
  constraint response_events_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES private.responses(turn_id) ON DELETE CASCADE,
  constraint response_events_are_a_list CHECK ((jsonb_typeof(events) = 'array'::text)),
  constraint response_events_are_numbered_from_0 CHECK ((first_number >= 0))
);
alter table private.response_events enable row level security;
grant delete, insert, select, update on private.response_events to service_role;
CREATE INDEX response_events_created_at_idx ON private.response_events USING btree (created_at);

create table private.responses (
  turn_id uuid not null,
  user_id uuid not null,
  session_id uuid not null,
  request jsonb not null,
  is_background boolean default false not null,
  cancelled_at timestamp with time zone,
  deleted_at timestamp with time zone,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint responses_pkey PRIMARY KEY (turn_id),
  constraint responses_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.chat_sessions(id) ON DELETE CASCADE,
  constraint responses_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint request_of_a_response_is_at_most_1_mib CHECK ((octet_length((request)::text) <= 1048576))
);
alter table private.responses enable row level security;
grant delete, insert, select, update on private.responses to service_role;
CREATE INDEX responses_expires_at_idx ON private.responses USING btree (expires_at);
CREATE INDEX responses_session_id_idx ON private.responses USING btree (session_id);
CREATE INDEX responses_user_id_idx ON private.responses USING btree (user_id);

-- Functions --------------------------------------------------------------------------------------

create function private.answer_of_turn(turn_id uuid)
returns public.chat_messages
language sql stable security invoker
set search_path=""
as $body$
  select messages.*
  from public.chat_messages messages
  where messages.interaction_id = answer_of_turn.turn_id
    and messages.role = 'assistant'
    -- What the caller sent has none.
    and messages.latency_ms is not null
  order by messages.seq desc
  limit 1
$body$;
grant execute on function private.answer_of_turn(uuid) to service_role;

create function private.delete_expired_responses(kind text, batch integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  deleted integer;
begin
  if delete_expired_responses.kind = 'responses' then
    delete from private.responses where responses.turn_id in (
      select expired.turn_id
      from private.responses expired
      where expired.expires_at < now()
      limit delete_expired_responses.batch
      for update skip locked
    );
  else
    delete from private.response_events stored
    using (
      select expired.turn_id, expired.first_number
      from private.response_events expired
      where expired.created_at < now() - (private.limits()).response_event_lifetime
      limit delete_expired_responses.batch
      for update skip locked
    ) old
    where stored.turn_id = old.turn_id and stored.first_number = old.first_number;
  end if;
  get diagnostics deleted = row_count;
  return deleted;
end
$body$;
grant execute on function private.delete_expired_responses(text,integer) to service_role;

create function private.describe_response(response private.responses)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  turn public.ai_interactions;
  answer public.chat_messages := private.answer_of_turn(describe_response.response.turn_id);
begin
  select turns.* into turn
  from public.ai_interactions turns
  where turns.id = describe_response.response.turn_id;
  if turn.id is null then
    select turns.model_name, turns.vendor_id into turn.model_name, turn.vendor_id
    from private.running_turns turns
    where turns.id = describe_response.response.turn_id;
  end if;
  return jsonb_build_object(
    'turn_id', describe_response.response.turn_id,
    'created_at', describe_response.response.request -> 'created_at',
    'asked', describe_response.response.request -> 'asked',
    'is_cancelled', describe_response.response.cancelled_at is not null,
    'state', coalesce(turn.turn_state, 'running'),
    -- As its first answer named it; the ledger has what the vendor said.
    'model', coalesce(describe_response.response.request ->> 'model', turn.model_name, ''),
    'vendor_id', coalesce(turn.vendor_id, ''),
    'finish_reason', answer.finish_reason,
    'error', case
      when turn.error_code is not null
        then jsonb_build_object('code', turn.error_code, 'message', turn.error_message)
    end,
    'usage', case
      when answer.tokens_in is not null then jsonb_build_object(
        'input_tokens', turn.input_tokens, 'output_tokens', turn.output_tokens,
        'cached_input_tokens', turn.cached_input_tokens,
        'cache_write_tokens', turn.cache_write_tokens,
        'reasoning_tokens', turn.reasoning_tokens, 'estimated', turn.usage_is_estimated
      )
    end,
    'ended_at', floor(extract(epoch from turn.ended_at)),
    'message', case when answer.id is not null then private.as_model_message(answer) end
  );
end
$body$;
grant execute on function private.describe_response(private.responses) to service_role;

create function private.is_deleted_response(turn_id uuid)
returns boolean
language sql stable security invoker
set search_path=""
as $body$
  select exists (
    select from private.responses
    where responses.turn_id = is_deleted_response.turn_id and responses.deleted_at is not null
  )
$body$;
grant execute on function private.is_deleted_response(uuid) to service_role;

create function private.response_of_caller(caller jsonb, turn_id uuid)
returns private.responses
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  response private.responses;
begin
  perform private.impersonate(response_of_caller.caller, 'chat');
  select responses.* into response
  from private.responses
  join public.chat_sessions sessions on sessions.id = responses.session_id
  where responses.turn_id = response_of_caller.turn_id
    and responses.user_id = (select auth.uid())
    and responses.deleted_at is null
    and responses.expires_at > now()
    and sessions.org_id = any (array(select private.my_organizations('member')))
    and private.key_allows(sessions.agent_id);
  if response.turn_id is null then
    perform private.refuse(
      'response_not_found', 'Response not found, or it is not yours.',
      'Name a response that was stored. They are kept for 30 days.'
    );
  end if;
  return response;
end
$body$;
grant execute on function private.response_of_caller(jsonb,uuid) to service_role;

create function private.store_response(turn private.running_turns, request jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if jsonb_typeof(store_response.request -> 'response') is distinct from 'object'
    or store_response.turn.session_id is null
  then
    return;
  end if;
  insert into private.responses (
    turn_id, user_id, session_id, request, is_background, expires_at
  )
  values (
    store_response.turn.id, store_response.turn.user_id, store_response.turn.session_id,
    store_response.request -> 'response' || jsonb_build_object(
      'model', coalesce(
        (select models.name from public.models where models.id = store_response.turn.model_id),
        store_response.turn.model_name
      )
    ),
    store_response.request @> '{"response": {"asked": {"background": true}}}',
    now() + (private.limits()).response_lifetime
  );
end
$body$;
grant execute on function private.store_response(private.running_turns,jsonb) to service_role;
