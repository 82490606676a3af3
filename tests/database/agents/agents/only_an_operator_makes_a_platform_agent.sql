begin;
select plan(19);

-- By an express act, and for no one in particular.
select tests.act_as_service();
select lives_ok(
  $$ insert into public.agents (name, is_platform) values ('third', true) $$, 'the backend makes one, and says so'
);
select tests.breaks(
  format('insert into public.agents (name, is_platform, %1$I) values (''fourth'', true, %2$L)', owner, id),
  'platform_agent_has_no_owner', 'which has no ' || owner
)
from (values ('created_by', tests.id('eve')), ('organization_id', tests.id('acme'))) as owners (owner, id);
select tests.breaks(
  $$ update public.agents set created_by = tests.id('eve') where name = 'third' $$, 'platform_agent_has_no_owner',
  'nor is given one'
);

-- In SQL the operator need not say it.
select tests.reset();
insert into public.agents (name, created_by, system_prompt, is_platform) values
  ('fourth', null, null, default), ('owned', tests.id('eve'), null, default),
  ('with a prompt', null, 'Be brief.', default), ('expressly none', null, null, false);
select is(
  (
    select array_agg(agents.name order by agents.name) from public.agents
    where agents.is_platform and agents.name in ('fourth', 'owned', 'with a prompt', 'expressly none')
  ),
  array['fourth'], 'an agent that the operator inserts without owner and prompt is one'
);
set request.jwt.claims = '{"role": "service_role"}';
insert into public.agents (name) values ('by an API');
select is(
  (select agents.is_platform from public.agents where agents.name = 'by an API'), false,
  'but not where an API inserts it, by any role'
);
select tests.reset();
delete from public.agents where name in ('with a prompt', 'expressly none', 'by an API');

select tests.act_as('eve');
select tests.denied(
  $$ insert into public.agents (name, is_platform) values ('mine', true) $$, 'a person makes none'
);
insert into public.agents (name) values ('Eve''s');
select tests.denied($$ update public.agents set is_platform = true where name = 'Eve''s' $$, 'nor makes an own one into one');

-- A missing owner makes an orphan: the backend forgot one, an account went without its triggers, or
-- an owner was set to null.
select tests.act_as_service();
insert into public.bots (name, llm_provider, llm_model, system_prompt, is_published)
values ('orphan', 'openai', 'gpt-4o', 'SECRET', true);
insert into public.ai_agents (name, vendor_id, model_name, system_prompt, is_public)
values ('orphan too', 'openai', 'gpt-4o', 'SECRET', true);
update public.agents set created_by = null, is_public = true where name = 'Eve''s';
select is(
  (select count(*) from public.agents where created_by is null and organization_id is null and not is_platform), 3::bigint,
  'the backend sees orphans'
);
select tests.act_as('eve');
select is_empty(format('select from public.%I where name in (''orphan'', ''orphan too'', ''Eve''''s'')', relation), 'no one sees one in ' || relation)
from unnest(array['agents', 'bots', 'ai_agents', 'public_agents', 'agent_summary', 'agent_dashboard']) as relation;
select tests.act_as_anon();
select is_empty($$ select from public.public_agents where name like 'orphan%' $$, 'nor does a visitor');

select tests.reset();
select tests.refused(
  format(
    $$
      select public.begin_chat_turn(
        jsonb_build_object('user_id', tests.id('eve')),
        jsonb_build_object('request_id', gen_random_uuid(), 'model', %L, 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      )
    $$, model
  ),
  404, 'model_not_found', 'nor chats with one by its ' || way
)
from (
  select 'name' as way, 'orphan' as model
  union all
  select 'id', agents.id::text from public.agents where agents.name = 'orphan'
) as ways;
select is_empty(
  $$
    select from jsonb_array_elements(public.list_chat_models(jsonb_build_object('user_id', tests.id('eve')))::jsonb -> 'models') as model
    where model ->> 'agent' like 'orphan%'
  $$,
  'nor finds one in the list of models'
);

select * from finish();
rollback;
