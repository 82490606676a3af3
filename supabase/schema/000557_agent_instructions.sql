-- The current state of what 000557_agent_instructions.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.filled_prompt(prompt text, agent public.agents)
returns text
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  filled text := filled_prompt.prompt;
  known record;
  places bigint;
begin
  if position('{{' in filled) = 0 then
    return filled;
  end if;
  for known in select made.* from private.prompt_values(filled_prompt.agent) made loop
    known.name := '{{' || known.name || '}}';
    places := (char_length(filled) - char_length(replace(filled, known.name, '')))
      / char_length(known.name);
    if char_length(filled) + places * char_length(known.value) > 524288 then
      perform private.refuse(
        'agent_config_invalid', 'The prompt of the agent is too long with its variables filled in.',
        'Shorten prompt.dynamic_variables.'
      );
    end if;
    filled := replace(filled, known.name, known.value);
  end loop;
  return filled;
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
returns TABLE(name text, value text)
language sql stable security invoker
set search_path=""
as $body$
  select stated.name, stated.value #>> '{}'
  from jsonb_each(
    coalesce(
      nullif((prompt_values.agent).config #> '{prompt,dynamic_variables}', 'null'), '{}'
    )
  ) as stated (name, value)
  where jsonb_typeof(stated.value) in ('string', 'number', 'boolean')
  union all
  select clock.name, clock.value
  from (select (prompt_values.agent).config #>> '{prompt,timezone}' as name) zone
  cross join lateral (
    values
      ('current_date', to_char(now() at time zone zone.name, 'YYYY-MM-DD')),
      ('current_time', to_char(now() at time zone zone.name, 'HH24:MI'))
  ) as clock (name, value)
  where zone.name is not null
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
          coalesce(
            nullif((stated_instructions.agent).security -> 'blocked_topics', 'null'), '[]'
          )
        ) with ordinality as topic
      )),
      (4, 'Refer users whom you cannot help to: %s.',
        (stated_instructions.agent).config #>> '{behaviour,handoff_contact}')
  ) as stated (place, sentence, value)
  where stated.value <> ''
$body$;
grant execute on function private.stated_instructions(public.agents) to service_role;
