begin;
select plan(8);

insert into public.agents (id, name, created_by)
values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.agent_feature_mappings (id, agent_id, feature_id, is_primary, user_id) values
  ('22000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'coding', true, tests.id('eve')),
  ('22000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', 'writing', false, tests.id('eve'));

select tests.breaks(
  format('update public.agent_feature_mappings set %s where id = ''22000000-0000-4000-8000-000000000002''', change),
  rule, change || ' is refused'
)
from (values
  ('id = ''22000000-0000-4000-8000-000000000001''', 'agent_feature_mappings_pkey'),
  ('is_primary = true', 'one_primary_feature_per_agent'),
  ('feature_id = ''coding''', 'agent_feature_mappings_agent_id_feature_id_key'),
  ('feature_id = ''flying''', 'agent_feature_mappings_feature_id_fkey'),
  ('agent_id = gen_random_uuid()', 'agent_feature_mappings_agent_id_fkey'),
  ('user_id = gen_random_uuid()', 'agent_feature_mappings_user_id_fkey')
) as broken (change, rule);

delete from public.agent_features where id = 'coding';
select results_eq(
  'select feature_id from public.agent_feature_mappings', $$ values ('writing') $$,
  'a feature that is removed is no agent''s any more'
);

update public.agents set created_by = null, organization_id = tests.id('acme') where not is_platform;
delete from auth.users where id = tests.id('eve');
select results_eq(
  'select feature_id, user_id from public.agent_feature_mappings', $$ values ('writing', null::uuid) $$,
  'who added it may go'
);

select * from finish();
rollback;
