-- The current state of what 000557_agent_instructions.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.filled_prompt(prompt text, agent public.agents)
returns text
language plpgsql stable strict security invoker
set search_path=""
as $body$
declare
  known jsonb;
  piece text;
  pieces text[];
  name text;
  characters bigint := 0;
begin
  if position('{{' in filled_prompt.prompt) = 0 then
    return filled_prompt.prompt;
  end if;
  known := private.prompt_values(filled_prompt.agent);
  -- Read once from left to right, however many variables there are. What is filled in is not
  -- read again, so that no value depends on the order of the names.
  for piece in
    select split.piece
    from regexp_split_to_table(filled_prompt.prompt, '(?=\{\{[^{}]*\}\})') as split (piece)
  loop
    name := substring(piece from '^\{\{([^{}]*)\}\}');
    if known ? name then
      piece := (known ->> name) || substr(piece, char_length(name) + 5);
    end if;
    characters := characters + char_length(piece);
    if characters > 524288 then
      perform private.refuse(
        'agent_config_invalid', 'The prompt of the agent is too long with its variables filled in.',
        'Shorten prompt.dynamic_variables.'
      );
    end if;
    pieces := pieces || piece;
  end loop;
  return array_to_string(pieces, '');
end
$body$;
grant execute on function private.filled_prompt(text,public.agents) to service_role;

create function private.prompt_of_agent(agent public.agents, default_prompt text)
returns text
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  prompt text := coalesce((prompt_of_agent.agent).system_prompt, prompt_of_agent.default_prompt);
begin
  -- Hardly any agent states more than its prompt, and this is asked at every turn.
  if not coalesce(
    (prompt_of_agent.agent).config ?| array['prompt', 'behaviour']
      or (prompt_of_agent.agent).security ? 'blocked_topics',
    false
  ) then
    return prompt;
  end if;
  return nullif(
    concat_ws(
      E'\n\n', nullif(private.filled_prompt(prompt, prompt_of_agent.agent), ''),
      private.stated_instructions(prompt_of_agent.agent)
    ),
    ''
  );
end
$body$;
grant execute on function private.prompt_of_agent(public.agents,text) to service_role;

create function private.prompt_values(agent public.agents)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  -- Of two with one name the last counts, which is the agent's own.
  select coalesce(jsonb_object_agg(named.name, named.value), '{}')
  from (
    select clock.name, to_jsonb(to_char(now() at time zone zone.name, clock.format))
    from (select (prompt_values.agent).config #>> '{prompt,timezone}' as name) zone
    cross join (
      values ('current_date', 'YYYY-MM-DD'), ('current_time', 'HH24:MI')
    ) as clock (name, format)
    where zone.name is not null
    union all
    select stated.name, stated.value
    from jsonb_each(
      nullif((prompt_values.agent).config #> '{prompt,dynamic_variables}', 'null')
    ) as stated (name, value)
    where jsonb_typeof(stated.value) in ('string', 'number', 'boolean')
  ) as named (name, value)
$body$;
grant execute on function private.prompt_values(public.agents) to service_role;

create function private.stated_instructions(agent public.agents)
returns text
language sql stable security invoker
set search_path=""
as $body$
  select string_agg(format(stated.sentence, stated.value), E'\n' order by stated.place)
  from (
    values
      (1, 'Answer in the language %s.',
        (stated_instructions.agent).config #>> '{prompt,language}'),
      (2, 'The tone of your answers: %s.',
        (stated_instructions.agent).config #>> '{behaviour,tone}'),
      (3, 'Do not discuss these topics: %s.', (
        select string_agg(topic.value, '; ' order by topic.ordinality)
        from jsonb_array_elements_text(
          nullif((stated_instructions.agent).security -> 'blocked_topics', 'null')
        ) with ordinality as topic
      )),
      (4, 'Refer users whom you cannot help to: %s.',
        (stated_instructions.agent).config #>> '{behaviour,handoff_contact}')
  ) as stated (place, sentence, value)
  where stated.value <> ''
$body$;
grant execute on function private.stated_instructions(public.agents) to service_role;
