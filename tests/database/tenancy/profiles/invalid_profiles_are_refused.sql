begin;
select plan(10);

select tests.breaks(
  format('update public.profiles set %s where id = tests.id(''eve'')', change), rule, change || ' is refused'
)
from (values
  ('email = repeat(''a'', 256)', 'email_is_at_most_255_characters'),
  ('email = ''alice@example.com''', 'profiles_email_key'),
  ('full_name = repeat(''a'', 256)', 'full_name_is_at_most_255_characters'),
  ('preferences = ''[]''', 'preferences_are_an_object'),
  ('status = ''sleeping''', 'profile_status_is_known'),
  ('subscription_tier = repeat(''a'', 51)', 'subscription_tier_is_at_most_50_characters'),
  ('current_organization_id = gen_random_uuid()', 'profiles_current_organization_id_fkey')
) as broken (change, rule);

update public.profiles set workos_id = 'user_1' where id = tests.id('alice');
select tests.breaks(
  $$ update public.profiles set workos_id = 'user_1' where id = tests.id('eve') $$,
  'profiles_workos_id_key', 'a person at WorkOS has one profile'
);

select tests.breaks(
  $$ insert into public.profiles (id) values (gen_random_uuid()) $$,
  'profiles_id_fkey', 'a profile without an account is refused'
);

select tests.breaks(
  $$ insert into public.profiles (id) values (tests.id('eve')) $$,
  'profiles_pkey', 'a second profile of an account is refused'
);

select * from finish();
rollback;
