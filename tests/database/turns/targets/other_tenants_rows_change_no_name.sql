begin;
select plan(14);

-- Alice works in Acme. She has also joined EveCorp, where eve names agents and models after those
-- of the platform, of Acme and of alice, shares a key, and sets the defaults.
insert into public.organizations (id, name, slug, created_by, settings) values (
  '10000000-0000-4000-8000-0000000000ee', 'EveCorp', 'evecorp', tests.id('eve'),
  '{"default_agent": "droid", "default_model": "gpt-4o", "system_prompt": "EVE"}'
);
insert into public.organization_members (organization_id, user_id, role)
values ('10000000-0000-4000-8000-0000000000ee', tests.id('alice'), 'owner');
update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('alice');
update public.organizations set settings = '{"default_agent": "droid"}' where id = tests.id('acme');
insert into public.agents (id, name, organization_id, created_by, vendor_id, service_id, status, system_prompt, created_at)
select
  ('20000000-0000-4000-8000-00000000000' || place)::uuid, agents.name, '10000000-0000-4000-8000-0000000000ee', tests.id('eve'),
  'openai', 'openai_gpt4o', 'active', 'EVE', '1999-01-01'
from (values (1, 'droid'), (2, 'acme''s'), (3, 'alice''s'), (4, 'only eve''s'), (5, 'openai')) as agents (place, name);
insert into public.models (agent_id, name, model_id)
select agents.id, models.name, 'evil'
from public.agents
cross join unnest(array['gpt-4o', 'claude-3-opus', 'openai/gpt-4o', 'only eve''s model']) as models (name)
where agents.organization_id = '10000000-0000-4000-8000-0000000000ee';
insert into public.agents (name, organization_id, created_by, vendor_id, service_id) values
  ('acme''s', tests.id('acme'), tests.id('bob'), 'openai', 'openai_gpt4o'),
  ('alice''s', null, tests.id('alice'), 'openai', 'openai_gpt4o');
insert into public.user_api_keys (id, user_id, organization_id, vendor_id, encrypted_key, key_preview)
select
  ('40000000-0000-4000-8000-00000000000' || keys.place)::uuid, keys.user_id, keys.organization_id, 'openai',
  'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', ''
from (values
  (1, tests.id('alice'), null::uuid), (2, tests.id('eve'), '10000000-0000-4000-8000-0000000000ee')
) as keys (place, user_id, organization_id);
create function pg_temp.begin(request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('alice')),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;

-- Agent, payer and key of a turn.
create function pg_temp.meaning(model text)
returns text
language plpgsql
as $$
declare
  turn jsonb := pg_temp.begin(jsonb_strip_nulls(jsonb_build_object('model', meaning.model)));
begin
  return (
    select concat_ws(
      ', ', turn #>> '{agent,name}', organizations.slug, turn #>> '{routes,0,keys,0,id}',
      case when turn::text like '%EVE%' or turn::text like '%evil%' then 'taken over' end
    )
    from tests.turns turns
    join public.organizations on organizations.id = turns.organization_id
    where turns.id = (turn ->> 'turn_id')::uuid
  );
end
$$;

select is(
  pg_temp.meaning(wanted.model), wanted.means, coalesce(wanted.model, 'no model') || ' means what it meant'
)
from (values
  ('gpt-4o', 'droid, acme'), ('claude-3-opus', 'droid, acme'), ('droid', 'droid, acme'), ('droid/gpt-4o', 'droid, acme'),
  (null, 'droid, acme'),
  ('openai/gpt-4o', 'acme, 40000000-0000-4000-8000-000000000001'),
  ('acme''s', 'acme''s, acme, 40000000-0000-4000-8000-000000000001'),
  ('alice''s', 'alice''s, acme, 40000000-0000-4000-8000-000000000001')
) as wanted (model, means);
select tests.refused(
  format($$ select pg_temp.begin(jsonb_build_object('model', %L)) $$, model), 404, 'model_not_found', model || ' means nothing'
)
from unnest(array['only eve''s', 'only eve''s model', 'only eve''s/gpt-4o']) as model;
select is_empty(
  $$
    select from jsonb_array_elements(public.list_chat_models(jsonb_build_object('user_id', tests.id('alice')))::jsonb -> 'models') as model
    where model ->> 'agent_id' like '20000000%'
  $$,
  'nor is any of it listed'
);
select is(
  pg_temp.begin('{"model": "20000000-0000-4000-8000-000000000004"}') #>> '{agent,name}', 'only eve''s',
  'who names an agent of another of the own organizations by its id gets it'
);
update public.profiles set current_organization_id = '10000000-0000-4000-8000-0000000000ee' where id = tests.id('alice');
select is(pg_temp.begin('{"model": "only eve''s"}') #>> '{agent,name}', 'only eve''s', 'and by its name who goes to work there');

select * from finish();
rollback;
