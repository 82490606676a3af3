begin;
select plan(22);

-- Alice and Acme share agents with prompts. Eve has keys of her own, one of them for an organization.
insert into public.organizations (id, name, slug, created_by)
values ('10000000-0000-4000-8000-0000000000ee', 'EveCorp', 'evecorp', tests.id('eve'));
insert into public.agents (id, name, created_by, organization_id, is_public, is_published, vendor_id, service_id, model_name, system_prompt, config)
select
  ('20000000-0000-4000-8000-00000000000' || shared.place)::uuid, shared.name, tests.id('alice'), shared.organization_id,
  shared.is_public, not shared.is_public, shared.vendor_id, shared.service_id, shared.model_name, 'SECRET',
  '{"fallbacks": ["openrouter/openai/gpt-4o", "openai/gpt-4o", "eve''s", "droid"]}'
from (values
  (1, 'alice''s', null::uuid, true, 'openrouter', 'openrouter_gpt4o', null),
  (2, 'acme''s', tests.id('acme'), true, 'openrouter', 'openrouter_gpt4o', null),
  (3, 'published', null, false, 'openrouter', 'openrouter_gpt4o', null),
  (4, 'not sold', null, true, 'openai', 'openai_gpt4o', null),
  (5, 'no service', null, true, 'openai', null, 'gpt-4o'),
  (6, 'another model', null, true, 'openrouter', 'openrouter_gpt4o', null)
) as shared (place, name, organization_id, is_public, vendor_id, service_id, model_name);
insert into public.models (agent_id, name, model_id, service_id, is_default)
values ('20000000-0000-4000-8000-000000000006', 'renamed', 'hidden-name', 'openrouter_gpt4o', true);
insert into public.agents (name, created_by, vendor_id, service_id) values ('eve''s', tests.id('eve'), 'openai', 'openai_gpt4o');
insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview)
select
  actors.id, case when actors.name = 'eve' then '10000000-0000-4000-8000-0000000000ee'::uuid end, vendor,
  'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', ''
from tests.actors
cross join unnest(array['openai', 'openrouter']) as vendor
where actors.name in ('alice', 'bob', 'dave', 'eve');
create function pg_temp.begin(person text, model text, request jsonb default '{}')
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', model, 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
-- Whose credential, how many keys, and what is asked for, route by route.
create function pg_temp.routes(turn jsonb)
returns text
language sql
as $$
  select string_agg(
    format('%s %s %s', route ->> 'credential', jsonb_array_length(route -> 'keys'), route ->> 'model'), ', '
    order by place
  )
  from jsonb_array_elements(turn -> 'routes') with ordinality as routes (route, place)
$$;

select is(
  pg_temp.routes(pg_temp.begin('eve', id)), 'platform 0 openai/gpt-4o',
  name || ': a stranger''s call goes out with the platform''s credential, and nowhere else'
)
from (values
  ('alice''s', '20000000-0000-4000-8000-000000000001'), ('acme''s', '20000000-0000-4000-8000-000000000002'),
  ('published', '20000000-0000-4000-8000-000000000003'), ('another model', '20000000-0000-4000-8000-000000000006')
) as shared (name, id);
select results_eq(
  $$ select distinct organizations.slug from tests.turns join public.organizations on organizations.id = turns.organization_id $$,
  array['personal-' || tests.id('eve')], 'her own organization pays'
);
update public.profiles set current_organization_id = '10000000-0000-4000-8000-0000000000ee' where id = tests.id('eve');
select is(
  pg_temp.routes(pg_temp.begin('eve', '20000000-0000-4000-8000-000000000001')), 'platform 0 openai/gpt-4o',
  'where she works in an organization with a key, too'
);
select is(
  pg_temp.begin('eve', '20000000-0000-4000-8000-000000000001') #>> '{messages,0,content}', 'SECRET', 'with the prompt'
);
create temporary table session as select pg_temp.begin('eve', '20000000-0000-4000-8000-000000000001') as turn;
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "yo"}') from session;
select is(
  pg_temp.begin('eve', 'openai/gpt-4o', jsonb_build_object('session_id', turn ->> 'session_id')) -> 'messages' @> '[{"content": "SECRET"}]',
  false, 'which a conversation does not take along to her own key'
)
from session;
select tests.refused(
  format($$ select pg_temp.begin('eve', %L) $$, id), 403, 'agent_not_sold', name || ': what no platform agent sells is not called'
)
from (values
  ('not sold', '20000000-0000-4000-8000-000000000004'), ('no service', '20000000-0000-4000-8000-000000000005')
) as shared (name, id);
insert into public.service_prices (service_id, input_rate) select 'openai_gpt4o', 1
where not exists (select from public.service_prices where service_id = 'openai_gpt4o');
insert into public.agents (name, created_by, vendor_id, service_id, is_platform)
values ('seller', null, 'openai', 'openai_gpt4o', true);
select is(
  pg_temp.routes(pg_temp.begin('eve', '20000000-0000-4000-8000-000000000004')), 'platform 0 gpt-4o', 'until one does'
);
update public.agents set status = 'paused' where name = 'seller';
select tests.refused(
  $$ select pg_temp.begin('eve', '20000000-0000-4000-8000-000000000004') $$, 403, 'agent_not_sold', 'or while it is paused'
);

-- Who may read the prompt calls with any key.
select matches(
  pg_temp.routes(pg_temp.begin(person, id)), '^own [1-9]', person || ' calls with an own key, as before'
)
from (values
  ('alice', '20000000-0000-4000-8000-000000000001'), ('alice', '20000000-0000-4000-8000-000000000004'),
  ('alice', '20000000-0000-4000-8000-000000000005'),
  ('bob', '20000000-0000-4000-8000-000000000002'), ('dave', '20000000-0000-4000-8000-000000000002')
) as readers (person, id);
select matches(
  pg_temp.routes(pg_temp.begin('alice', '20000000-0000-4000-8000-000000000001')), ', .*platform 0',
  'and the agent''s owner has its fallbacks'
);

-- As soon as someone is a stranger, so for a member who left.
delete from public.organization_members where user_id = tests.id('bob') and organization_id = tests.id('acme');
select is(
  pg_temp.routes(pg_temp.begin('bob', '20000000-0000-4000-8000-000000000002')), 'platform 0 openai/gpt-4o',
  'a member who left is one'
);
update public.agents set is_public = false where name = 'acme''s';
select tests.refused(
  $$ select pg_temp.begin('bob', '20000000-0000-4000-8000-000000000002') $$, 404, 'model_not_found',
  'to whom an agent that is not shared any more does not exist'
);

-- Another's agent as the own one's fallback is no way round.
update public.agents set config = '{"fallbacks": ["20000000-0000-4000-8000-000000000001"]}' where name = 'eve''s';
select is(
  pg_temp.routes(pg_temp.begin('eve', 'eve''s')), 'own 1 gpt-4o, platform 0 openai/gpt-4o',
  'an own agent that falls back to it'
);
select is(
  pg_temp.begin('eve', 'eve''s') -> 'messages' @> '[{"content": "SECRET"}]', false, 'sends the own prompt'
);

select * from finish();
rollback;
