begin;
select plan(19);

insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'One', 'agb_0000', '0000'),
  ('a0000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('carol'), 'Two', 'agb_0000', '0000');
insert into private.access_key_secrets (token_hash, access_key_id) values
  (repeat('0', 64), 'a0000000-0000-4000-8000-000000000001');

select tests.breaks(
  format('update public.access_keys set %s where id = ''a0000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  (
    'id = ''a0000000-0000-4000-8000-000000000002'', organization_id = (select current_organization_id from public.profiles where id = tests.id(''eve''))',
    'access_keys_pkey'
  ),
  ('organization_id = gen_random_uuid()', 'access_keys_organization_id_fkey'),
  ('user_id = gen_random_uuid()', 'access_keys_user_id_fkey'),
  ('name = ''''', 'access_key_name_is_1_to_255_characters'),
  ('name = repeat(''x'', 256)', 'access_key_name_is_1_to_255_characters'),
  ('prefix = ''sk-abcd''', 'prefix_is_the_beginning_of_a_secret'),
  ('prefix = ''agb_abcde''', 'prefix_is_the_beginning_of_a_secret'),
  ('last_four = ''wxyz!''', 'last_four_are_the_end_of_a_secret'),
  ('scopes = ''{chat,everything}''', 'scopes_are_known_and_at_least_one'),
  ('scopes = ''{chat,null}''', 'scopes_are_known_and_at_least_one'),
  ('scopes = ''{}''', 'scopes_are_known_and_at_least_one'),
  ('agent_ids = ''{}''', 'listed_agents_are_1_to_100'),
  ('agent_ids = array[null]::uuid[]', 'listed_agents_are_1_to_100'),
  ('agent_ids = array_fill(gen_random_uuid(), array[101])', 'listed_agents_are_1_to_100'),
  ('requests_per_minute = 0', 'requests_per_minute_are_positive')
) as broken (change, rule);
select lives_ok(
  $$
    update public.access_keys
    set name = repeat('x', 255), scopes = '{chat}', agent_ids = array_fill(gen_random_uuid(), array[100]), requests_per_minute = 1
    where id = 'a0000000-0000-4000-8000-000000000001'
  $$,
  'values on the edge are taken'
);

select tests.breaks(
  $$ insert into private.access_key_secrets (token_hash, access_key_id) values (repeat('0', 64), 'a0000000-0000-4000-8000-000000000002') $$,
  'access_key_secrets_pkey', 'a secret opens one key'
);
select tests.breaks(
  $$ insert into private.access_key_secrets (token_hash, access_key_id) values (repeat('1', 64), gen_random_uuid()) $$,
  'access_key_secrets_access_key_id_fkey', 'that exists'
);
select tests.breaks(
  $$ insert into private.access_key_secrets (token_hash, access_key_id) values ('agb_secret', 'a0000000-0000-4000-8000-000000000002') $$,
  'access_key_hash_is_sha256_in_hex', 'and is kept as its hash only'
);

select * from finish();
rollback;
