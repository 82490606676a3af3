-- What is new of what a client sent, and what a model is given.

create function private.new_messages(session_id uuid, messages jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  if not new_messages.messages @? '$[*] ? (@.role == "system" || @.role == "developer")' then
    return new_messages.messages;
  end if;
  return (
    with brought as (
      select
        element.value as message,
        element.ordinality as place,
        jsonb_build_array(
          element.value -> 'role',
          coalesce(element.value -> 'name', 'null'),
          element.value -> 'content'
        ) as instruction
      from jsonb_array_elements(new_messages.messages) with ordinality as element
    ),
    stored as (
      select
        stored.seq,
        jsonb_build_array(
          stored.role, stored.name, coalesce(stored.content_parts, to_jsonb(stored.content))
        ) as instruction
      from public.chat_messages stored
      where stored.session_id = new_messages.session_id
        and stored.role in ('system', 'developer')
        and stored.status <> 'error'
        and stored.seq >= (
          private.instructions_window(new_messages.session_id, 20971520)
        ).first_instruction
    ),
    in_force as (
      -- Whatever followed one of them is brought again too; else it may no longer hold.
      select
        stored.instruction,
        bool_and(
          stored.instruction in (select brought.instruction from brought)
        ) over (order by stored.seq desc) as is_last
      from stored
    )
    select coalesce(jsonb_agg(brought.message order by brought.place), new_messages.messages)
    from brought
    where brought.instruction not in (
      select in_force.instruction from in_force where in_force.is_last
    )
  );
end
$$;
comment on function private.new_messages(uuid, jsonb) is
  'The caller''s messages without the instructions that the session ends with already, which '
  'many clients send each time: said again they would cost more with every turn, and said later '
  'they would change the beginning that vendors cache.';
grant execute on function private.new_messages(uuid, jsonb) to service_role;

create function private.messages_for_model(
  session_id uuid, prompt text, messages jsonb, token_limit integer
)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return
    case
      when messages_for_model.prompt is null then '[]'
      else jsonb_build_array(
        jsonb_build_object('role', 'system', 'content', messages_for_model.prompt)
      )
    end
    || private.without_open_calls(
      private.recent_history(
        messages_for_model.session_id,
        messages_for_model.token_limit
          - private.message_tokens(messages_for_model.messages)
          - coalesce(private.text_tokens(messages_for_model.prompt), 0),
        messages_for_model.messages -> 0 ->> 'role' = 'tool',
        -- No more than a request may have, which is also what some vendors accept.
        20971520 - pg_column_size(messages_for_model.messages)
      ),
      messages_for_model.messages
    )
    || messages_for_model.messages;
end
$$;
comment on function private.messages_for_model(uuid, text, jsonb, integer) is
  'What the model is given: the prompt, as much of the session as fits, the caller''s new '
  'messages.';
grant execute on function private.messages_for_model(uuid, text, jsonb, integer) to service_role;
