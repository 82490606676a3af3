-- The calls of the function `responses` about stored responses.

create function public.find_response(caller jsonb, turn_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  return private.describe_response(
    private.response_of_caller(find_response.caller, find_response.turn_id)
  );
end
$$;
comment on function public.find_response(jsonb, uuid) is
  'A response of a caller {"user_id"} or {"access_key"}, by its turn: {"turn_id", "created_at", '
  '"asked", "is_cancelled", "state" (of the turn), "model", "vendor_id", "finish_reason", '
  '"error" {"code", "message"}, "usage", "ended_at", "message" (in OpenAI''s shape)}. Backend '
  'only. Errors: those of impersonate(); PT404 response_not_found.';
grant execute on function public.find_response(jsonb, uuid) to service_role;

create function public.delete_response(caller jsonb, turn_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  response private.responses := private.response_of_caller(
    delete_response.caller, delete_response.turn_id
  );
begin
  update private.responses
  set deleted_at = now(), request = '{}'
  where responses.turn_id = response.turn_id;
  delete from private.response_events where response_events.turn_id = response.turn_id;
  return to_jsonb(true);
end
$$;
comment on function public.delete_response(jsonb, uuid) is
  'Deletes a response of a caller; it can no longer be continued. The conversation remains in its '
  'session. Backend only. Errors: those of impersonate(); PT404 response_not_found.';
grant execute on function public.delete_response(jsonb, uuid) to service_role;

create function public.cancel_response(caller jsonb, turn_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  response private.responses := private.response_of_caller(
    cancel_response.caller, cancel_response.turn_id
  );
begin
  if not response.is_background then
    perform private.refuse(
      'response_not_cancellable', 'Only a response in the background can be cancelled.'
    );
  end if;
  update private.responses
  set cancelled_at = now()
  where responses.turn_id = response.turn_id
    and responses.cancelled_at is null
    and not exists (
      select from public.ai_interactions turns where turns.id = response.turn_id
    );
  return private.describe_response(
    private.response_of_caller(cancel_response.caller, cancel_response.turn_id)
  );
end
$$;
comment on function public.cancel_response(jsonb, uuid) is
  'Cancels a background response of a caller, and returns it as find_response() does; one that has '
  'ended is unchanged. Backend only. Errors: those of impersonate(); PT400 '
  'response_not_cancellable; PT404 response_not_found.';
grant execute on function public.cancel_response(jsonb, uuid) to service_role;

create function public.append_response_events(turn_id uuid, first_number integer, events jsonb)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  response private.responses;
begin
  select responses.* into response
  from private.responses
  where responses.turn_id = append_response_events.turn_id;
  if response.turn_id is null or response.deleted_at is not null then
    return false;
  end if;
  if append_response_events.events <> '[]' then
    insert into private.response_events (turn_id, first_number, events)
    values (
      append_response_events.turn_id, append_response_events.first_number,
      append_response_events.events
    )
    on conflict on constraint response_events_pkey do nothing;
  end if;
  return response.cancelled_at is null;
end
$$;
comment on function public.append_response_events(uuid, integer, jsonb) is
  'Stores the next events of a background response. Idempotent. Returns whether the response '
  'should continue: it was neither cancelled nor deleted. Backend only.';
grant execute on function public.append_response_events(uuid, integer, jsonb) to service_role;

create function public.list_response_events(caller jsonb, turn_id uuid, after integer)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  response private.responses := private.response_of_caller(
    list_response_events.caller, list_response_events.turn_id
  );
begin
  return jsonb_build_object(
    'events', (
      select coalesce(jsonb_agg(event.value order by batches.first_number, event.ordinality), '[]')
      from (
        select stored.first_number, stored.events
        from private.response_events stored
        where stored.turn_id = response.turn_id
          -- The batch with the number, and those after it.
          and stored.first_number > coalesce((
            select max(earlier.first_number)
            from private.response_events earlier
            where earlier.turn_id = response.turn_id
              and earlier.first_number <= list_response_events.after
          ), -1) - 1
        order by stored.first_number
        limit 100
      ) batches,
        jsonb_array_elements(batches.events) with ordinality as event
      where (event.value ->> 'sequence_number')::integer > list_response_events.after
    ),
    'is_kept', exists (
      select from private.response_events stored
      where stored.turn_id = response.turn_id and stored.first_number = 0
    ),
    'response', private.describe_response(response)
  );
end
$$;
comment on function public.list_response_events(jsonb, uuid, integer) is
  'The events of a response of a caller after the one with this number, -1 for all: {"events" '
  '(those of a hundred batches at most), "is_kept" (whether events are kept of it at all), '
  '"response" (as find_response() returns it)}. Backend only. Errors: those of impersonate(); '
  'PT404 response_not_found.';
grant execute on function public.list_response_events(jsonb, uuid, integer) to service_role;

create function private.listed_message(message public.chat_messages)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    -- An answer is known by the id of its turn, which its clients were sent.
    'id', case
      when listed_message.message.role = 'assistant'
        and listed_message.message.latency_ms is not null
        then coalesce(listed_message.message.interaction_id, listed_message.message.id)
      else listed_message.message.id
    end,
    'message', private.as_openai_message(listed_message.message)
  )
$$;
comment on function private.listed_message(public.chat_messages) is
  'A message as items are made of it: {"id", "message" (in OpenAI''s shape)}.';
grant execute on function private.listed_message(public.chat_messages) to service_role;

create function public.list_response_input(caller jsonb, turn_id uuid, paging jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  response private.responses := private.response_of_caller(
    list_response_input.caller, list_response_input.turn_id
  );
  history int8multirange := private.input_of_response(response);
  start bigint;
  is_newest_first boolean := list_response_input.paging ->> 'order' is distinct from 'asc';
begin
  if list_response_input.paging ->> 'after' is not null then
    start := (
      select max(messages.seq) from public.chat_messages messages
      where messages.session_id = response.session_id
        and (list_response_input.paging ->> 'after')::uuid
          in (
            messages.id,
            case when messages.latency_ms is not null then messages.interaction_id end
          )
    );
  end if;
  return jsonb_build_object(
    'asked', response.request -> 'asked',
    'messages', (
      select coalesce(jsonb_agg(
        private.listed_message(page.message)
        order by (page.message).seq * case when is_newest_first then -1 else 1 end
      ), '[]')
      from (
        select messages as message
        from public.chat_messages messages
        where messages.session_id = response.session_id
          and messages.seq <@ history
          and messages.status <> 'error'
          and (start is null or case when is_newest_first then messages.seq <= start
            else messages.seq >= start end)
        order by messages.seq * case when is_newest_first then -1 else 1 end
        limit least((list_response_input.paging ->> 'limit')::integer, 100) + 2
      ) page
    )
  );
end
$$;
comment on function public.list_response_input(jsonb, uuid, jsonb) is
  'The messages that a response of a caller answers, with all that came before them, {"asked", '
  '"messages" [{"id", "message"}]}, by {"order" (asc or desc), "limit" (at most 100; two more are '
  'returned), "after" (the id of a message, which is returned first)}. Backend only. Errors: '
  'those of impersonate(); PT404 response_not_found.';
grant execute on function public.list_response_input(jsonb, uuid, jsonb) to service_role;

create function private.input_of_response(response private.responses)
returns int8multirange
language sql
stable
set search_path = ''
as $$
  select private.branch_until(input_of_response.response.session_id, last.seq)
  from (
    select max(messages.seq) as seq
    from public.chat_messages messages
    where messages.interaction_id = input_of_response.response.turn_id
      and messages.session_id = input_of_response.response.session_id
      and messages.latency_ms is null
  ) last
$$;
comment on function private.input_of_response(private.responses) is
  'The history of a session up to what a response answers.';
grant execute on function private.input_of_response(private.responses) to service_role;

create function public.find_response_items(caller jsonb, ids jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  wanted uuid[] := array(
    select id.value::uuid from jsonb_array_elements_text(find_response_items.ids) id
  );
begin
  perform private.impersonate(find_response_items.caller, 'chat');
  return (
    select coalesce(jsonb_agg(private.listed_message(messages)), '[]')
    from public.chat_messages messages
    join public.chat_sessions sessions on sessions.id = messages.session_id
    where (
      messages.id = any (wanted)
      or messages.interaction_id = any (wanted)
        and messages.latency_ms is not null
    )
      and sessions.user_id = (select auth.uid())
      and sessions.org_id = any (array(select private.my_organizations('member')))
      and private.key_allows(sessions.agent_id)
  );
end
$$;
comment on function public.find_response_items(jsonb, jsonb) is
  'The messages of a caller that items are made of, [{"id", "message"}], by a list of their ids, '
  'which for an answer is that of its turn; others are left out. Backend only. Errors: those of '
  'impersonate().';
grant execute on function public.find_response_items(jsonb, jsonb) to service_role;
