begin;
select plan(13);

insert into public.agents (id, name, created_by, organization_id, is_public) values
  ('20000000-0000-4000-8000-000000000001', 'Home', tests.id('eve'), null, true),
  ('20000000-0000-4000-8000-000000000002', 'Work', tests.id('alice'), tests.id('acme'), false);

create function pg_temp.caller(name text) returns jsonb language sql as $$ select jsonb_build_object('user_id', tests.id(name)) $$;
create function pg_temp.config(agent text, part text) returns jsonb language sql as $$
  select jsonb_build_object(
    'id', '23000000-0000-4000-8000-00000000000' || part, 'agent_id', '20000000-0000-4000-8000-00000000000' || agent,
    'config_key', 'secret', 'ciphertext', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA' || part
  )
$$;
grant execute on all functions in schema pg_temp to service_role;
select tests.act_as_service();

select is(
  store_agent_config(pg_temp.caller('eve'), pg_temp.config('1', '1')) - 'created_at' - 'updated_at',
  '{
    "id": "23000000-0000-4000-8000-000000000001", "agent_id": "20000000-0000-4000-8000-000000000001",
    "config_key": "secret", "config_type": "general", "description": null, "is_encrypted": true
  }',
  'a stored value is returned without itself'
);
select results_eq(
  $$ select user_id, config_value from ai_agent_configs $$,
  $$ values (tests.id('eve'), '"v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA1"'::jsonb) $$, 'it is the caller''s'
);
select is(
  store_agent_config(pg_temp.caller('eve'), pg_temp.config('1', '2')) ->> 'id', '23000000-0000-4000-8000-000000000002',
  'a new value takes its place, under a new id'
);
select is((select count(*) from ai_agent_configs), 1::bigint, 'there is one');
select is(
  jsonb_path_query_array(list_agent_configs(pg_temp.caller('eve'), '20000000-0000-4000-8000-000000000001'), '$[*].config_key'),
  '["secret"]', 'its name is listed'
);
select is(
  list_agent_configs(pg_temp.caller('eve'), '20000000-0000-4000-8000-000000000001')::text ~ 'v1:|config_value', false, 'and not more'
);

select tests.refused(
  format('select store_agent_config(pg_temp.caller(%L), pg_temp.config(%L, ''3''))', person, agent), status, code,
  format('%s sets nothing on agent %s', person, agent)
)
from (values
  ('bob', '1', 403, 'agent_not_editable'),
  ('dave', '2', 403, 'agent_not_editable'),
  ('eve', '2', 404, 'agent_not_found'),
  ('eve', '9', 404, 'agent_not_found')
) as wrong (person, agent, status, code);
select is(
  store_agent_config(pg_temp.caller('carol'), pg_temp.config('2', '4')) ->> 'config_key', 'secret', 'an agent manager does'
);

select is(delete_agent_config(pg_temp.caller('carol'), '23000000-0000-4000-8000-000000000002'), false, 'others delete nothing');
select is(delete_agent_config(pg_temp.caller('eve'), '23000000-0000-4000-8000-000000000002'), true, 'the owner does');

select * from finish();
rollback;
