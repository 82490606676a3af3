begin;
select plan(2);

insert into public.user_api_keys (id, user_id, organization_id, vendor_id, encrypted_key, key_preview)
select '40000000-0000-4000-8000-000000000001', tests.id('eve'), profiles.current_organization_id, 'openai',
  'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd'
from public.profiles where profiles.id = tests.id('eve');

select lives_ok(
  $$ delete from auth.users where id = tests.id('eve'); set constraints all immediate $$,
  'an account goes although its key was shared with its personal organization'
);

select is_empty(
  $$ select id from public.user_api_keys where id = '40000000-0000-4000-8000-000000000001' $$,
  'and takes the key along'
);

select * from finish();
rollback;
