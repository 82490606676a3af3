begin;
select plan(4);

insert into public.ai_interactions (id, organization_id, title) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), 'One'),
  ('30000000-0000-4000-8000-000000000002', tests.id('acme'), 'Two');
insert into private.stored_answers (interaction_id, body) values
  ('30000000-0000-4000-8000-000000000001', '{}'), ('30000000-0000-4000-8000-000000000002', '{}');

select tests.breaks(
  format('update private.stored_answers set %s where interaction_id = ''30000000-0000-4000-8000-000000000001''', change),
  rule, change || ' is refused'
)
from (values
  ('interaction_id = ''30000000-0000-4000-8000-000000000002''', 'stored_answers_pkey'),
  ('interaction_id = gen_random_uuid()', 'stored_answers_interaction_id_fkey'),
  ('session_id = gen_random_uuid()', 'stored_answers_session_id_fkey')
) as broken (change, rule);

select tests.act_as('alice');
select tests.denied('select body from private.stored_answers', 'no client reads one');

select * from finish();
rollback;
