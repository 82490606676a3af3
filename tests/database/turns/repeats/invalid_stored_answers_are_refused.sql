begin;
select plan(10);

insert into public.ai_interactions (id, organization_id, title) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), 'One'),
  ('30000000-0000-4000-8000-000000000002', tests.id('acme'), 'Two');
insert into private.stored_answers (interaction_id, user_id, idempotency_key, fingerprint, body, expires_at) values
  ('30000000-0000-4000-8000-000000000001', tests.id('alice'), 'k1', 'f', '{}', now()),
  ('30000000-0000-4000-8000-000000000002', tests.id('alice'), 'k2', 'f', '{}', now());

select tests.breaks(
  format('update private.stored_answers set %s where interaction_id = ''30000000-0000-4000-8000-000000000001''', change),
  rule, change || ' is refused'
)
from (values
  ('interaction_id = ''30000000-0000-4000-8000-000000000002''', 'stored_answers_pkey'),
  ('interaction_id = gen_random_uuid()', 'stored_answers_interaction_id_fkey'),
  ('session_id = gen_random_uuid()', 'stored_answers_session_id_fkey'),
  ('user_id = gen_random_uuid()', 'stored_answers_user_id_fkey'),
  ('access_key_id = gen_random_uuid()', 'stored_answers_access_key_id_fkey'),
  ('idempotency_key = ''k2''', 'one_turn_per_idempotency_key'),
  ('idempotency_key = ''''', 'idempotency_key_is_1_to_255_characters'),
  ('idempotency_key = repeat(''a'', 256)', 'idempotency_key_is_1_to_255_characters')
) as broken (change, rule);

select lives_ok(
  $$
    update private.stored_answers set idempotency_key = 'k2', user_id = tests.id('bob')
    where interaction_id = '30000000-0000-4000-8000-000000000001'
  $$,
  'another person''s key of that name is another key'
);

select tests.act_as('alice');
select tests.denied('select body from private.stored_answers', 'no client reads one');

select * from finish();
rollback;
