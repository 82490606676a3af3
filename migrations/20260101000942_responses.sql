-- Responses: what POST /responses has answered, to be retrieved, cancelled and continued later.
--
-- Messages are in chat_messages and usage is in the ledger; here are the fields of the request, and
-- the events of a background response.

create table private.responses (
  turn_id uuid primary key,
  user_id uuid not null references public.profiles (id) on delete cascade,
  session_id uuid not null references public.chat_sessions (id) on delete cascade,
  request jsonb not null,
  is_background boolean not null default false,
  cancelled_at timestamptz,
  deleted_at timestamptz,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint request_of_a_response_is_at_most_1_mib check (octet_length(request::text) <= 1048576)
);
comment on table private.responses is
  'Stored responses. They contain requests of users, so no client reads the table.';
comment on column private.responses.turn_id is
  'The turn that answers; the id of the response is resp_ and its digits.';
comment on column private.responses.user_id is 'Whose response it is.';
comment on column private.responses.session_id is
  'The conversation that it belongs to; a response is deleted with it.';
comment on column private.responses.request is
  '{"created_at": seconds since the epoch, "asked": the fields of the request that a response '
  'repeats}.';
comment on column private.responses.is_background is
  'Whether it runs in the background, and its client polls it.';
comment on column private.responses.cancelled_at is 'When it was cancelled.';
comment on column private.responses.deleted_at is
  'When it was deleted: it can be neither read nor continued. The conversation remains.';
comment on column private.responses.expires_at is 'After this time it is deleted.';
comment on column private.responses.created_at is 'When its turn began.';

alter table private.responses enable row level security;
grant select, insert, update, delete on private.responses to service_role;
create index responses_user_id_idx on private.responses (user_id);
create index responses_session_id_idx on private.responses (session_id);
create index responses_expires_at_idx on private.responses (expires_at);

create table private.response_events (
  turn_id uuid not null references private.responses (turn_id) on delete cascade,
  first_number integer not null,
  events jsonb not null,
  created_at timestamptz not null default now(),
  constraint response_events_pkey primary key (turn_id, first_number),
  constraint response_events_are_numbered_from_0 check (first_number >= 0),
  constraint response_events_are_a_list check (jsonb_typeof(events) = 'array')
);
comment on table private.response_events is
  'Events of background responses, in batches as they arrived, for clients that resume.';
comment on column private.response_events.turn_id is 'The turn of the response.';
comment on column private.response_events.first_number is
  'The sequence number of the first event.';
comment on column private.response_events.events is 'The events, in order.';
comment on column private.response_events.created_at is
  'When they arrived; they are deleted after a day.';

alter table private.response_events enable row level security;
grant select, insert, update, delete on private.response_events to service_role;
create index response_events_created_at_idx on private.response_events (created_at);

create function private.store_response(turn private.running_turns, request jsonb)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.store_response(private.running_turns, jsonb) is
  'Stores a new turn as a response, if it is to be stored.';
grant execute on function private.store_response(private.running_turns, jsonb) to service_role;

create function private.is_deleted_response(turn_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select from private.responses
    where responses.turn_id = is_deleted_response.turn_id and responses.deleted_at is not null
  )
$$;
comment on function private.is_deleted_response(uuid) is
  'Whether the response of a turn was deleted by its owner.';
grant execute on function private.is_deleted_response(uuid) to service_role;

create function private.response_of_caller(caller jsonb, turn_id uuid)
returns private.responses
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.response_of_caller(jsonb, uuid) is
  'A response of a caller, who is impersonated. Errors: those of impersonate(); PT404 '
  'response_not_found.';
grant execute on function private.response_of_caller(jsonb, uuid) to service_role;

create function private.answer_of_turn(turn_id uuid)
returns public.chat_messages
language sql
stable
set search_path = ''
as $$
  select messages.*
  from public.chat_messages messages
  where messages.interaction_id = answer_of_turn.turn_id
    and messages.role = 'assistant'
    -- What the caller sent has none.
    and messages.latency_ms is not null
  order by messages.seq desc
  limit 1
$$;
comment on function private.answer_of_turn(uuid) is
  'The message in which a turn answered; null while it has none.';
grant execute on function private.answer_of_turn(uuid) to service_role;

create function private.describe_response(response private.responses)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function private.describe_response(private.responses) is
  'A response as a function receives it: its request, the state of its turn, and its answer.';
grant execute on function private.describe_response(private.responses) to service_role;

create function private.delete_expired_responses(kind text, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.delete_expired_responses(text, integer) is
  'Deletes responses, or the events of responses, that have ended, at most so many; returns how '
  'many. For the job delete-expired.';
grant execute on function private.delete_expired_responses(text, integer) to service_role;
