-- The current state of what 000905_stored_messages.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.continuation_of(message jsonb, vendor_id text)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  -- Few messages have such fields.
  if continuation_of.message ->> 'role' is distinct from 'assistant'
    or not (
      continuation_of.message ?| array[
        'reasoning', 'reasoning_content', 'reasoning_details', 'extra_content'
      ]
      or continuation_of.message @? '$.tool_calls[*].extra_content'
    )
  then
    return null;
  end if;
  return (
    select jsonb_build_object('vendor_id', continuation_of.vendor_id, 'message', kept.fields)
    from (
      select coalesce(jsonb_object_agg(field.key, field.value), '{}') as fields
      from jsonb_each(continuation_of.message) field
      where field.key in ('reasoning', 'reasoning_content', 'reasoning_details', 'extra_content')
        and field.value not in ('null', '""', '[]', '{}')
    ) kept
    where kept.fields <> '{}' or continuation_of.message @? '$.tool_calls[*].extra_content'
  );
end
$body$;
grant execute on function private.continuation_of(jsonb,text) to service_role;

create function private.store_messages(session_id uuid, turn_id uuid, messages jsonb, vendor_id text DEFAULT NULL::text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  stored integer := jsonb_array_length(store_messages.messages);
begin
  if stored = 0 then
    return;
  end if;
  -- They are counted here, not by the trigger.
  perform set_config('agentbase.is_turn', 'on', true);
  insert into public.chat_messages (
    session_id, interaction_id, role, content, content_parts, name, tool_calls, tool_call_id,
    continuation
  )
  select
    store_messages.session_id,
    store_messages.turn_id,
    message.value ->> 'role',
    private.text_of_message(message.value),
    private.parts_of_message(message.value),
    message.value ->> 'name',
    nullif(message.value -> 'tool_calls', 'null'),
    message.value ->> 'tool_call_id',
    private.continuation_of(message.value, store_messages.vendor_id)
  from jsonb_array_elements(store_messages.messages) with ordinality as message
  order by message.ordinality;
  perform set_config('agentbase.is_turn', '', true);
  perform private.count_messages(
    store_messages.session_id, stored, now(),
    not store_messages.messages @? '$[*] ? (@.role != "assistant")'
  );
end
$body$;
grant execute on function private.store_messages(uuid,uuid,jsonb,text) to service_role;

create function private.title_of(messages jsonb)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  words text := btrim(regexp_replace(
    left(
      private.text_of(
        jsonb_path_query_first(title_of.messages, '$[*] ? (@.role == "user").content')
      ),
      1000
    ),
    '\s+', ' ', 'g'
  ));
begin
  return case
    when words = '' then null
    when char_length(words) <= 60 then words
    -- Up to the last whole word; a text without spaces is cut.
    else coalesce(substring(left(words, 60) from '^(.{20,}) '), left(words, 59)) || '…'
  end;
end
$body$;
grant execute on function private.title_of(jsonb) to service_role;
