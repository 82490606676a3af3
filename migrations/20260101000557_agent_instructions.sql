-- What an agent's configuration makes of its prompt.

create function private.prompt_values(agent public.agents)
returns table (name text, value text)
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.prompt_values(public.agents) is
  'What {{names}} in the prompt of an agent stand for: prompt.dynamic_variables, and, where '
  'prompt.timezone is stated, current_date and current_time there.';
grant execute on function private.prompt_values(public.agents) to service_role;

create function private.filled_prompt(prompt text, agent public.agents)
returns text
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function private.filled_prompt(text, public.agents) is
  'A prompt with the agent''s variables filled in; names that it does not know stay. Errors: PT400 '
  'agent_config_invalid.';
grant execute on function private.filled_prompt(text, public.agents) to service_role;

create function private.stated_instructions(agent public.agents)
returns text
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.stated_instructions(public.agents) is
  'What follows the prompt of an agent: a line each for its language, tone, blocked topics and '
  'contact; null for none.';
grant execute on function private.stated_instructions(public.agents) to service_role;

create function private.prompt_of_agent(agent public.agents, default_prompt text)
returns text
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function private.prompt_of_agent(public.agents, text) is
  'The first message that the model of an agent is given: its prompt, else that of the '
  'organization, with its variables filled in, and what else its configuration instructs; null '
  'for none. Errors: those of filled_prompt().';
grant execute on function private.prompt_of_agent(public.agents, text) to service_role;
