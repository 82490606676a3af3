begin;
select plan(17);

insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview, display_name) values (
  tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd', 'Mine'
);

select tests.act_as('eve');
select tests.denied('select encrypted_key from public.user_api_keys', 'not even its owner reads the ciphertext');
select tests.denied('select * from public.user_api_keys', 'by no way');
select tests.denied(
  $$ select id from public.user_api_keys where encrypted_key like 'v1:%' $$, 'nor asks for it in a condition'
);
select tests.denied('update public.user_api_keys set encrypted_key = ''x'' ', 'nor replaces it');
select tests.denied(
  $$
    insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
    values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd')
  $$,
  'nor stores one: the backend encrypts'
);
select results_eq(
  'select vendor_id, service_id, key_preview, display_name, is_active, last_used_at from public.user_api_keys',
  $$ values ('openai', null::text, 'abcd', 'Mine', true, null::timestamptz) $$,
  'the rest tells keys apart'
);
select tests.changes(
  $$ update public.user_api_keys set display_name = 'Old', is_active = false $$, 1, 'the owner names and switches it'
);
select tests.denied(format('update public.user_api_keys set %s', change), change || ' is denied')
from unnest(array[
  'user_id = user_id', 'vendor_id = vendor_id', 'service_id = null', 'key_preview = ''x''', 'last_used_at = now()',
  'last_error = null', 'id = gen_random_uuid()'
]) as change;

select tests.act_as('bob');
select is_empty('select id from public.user_api_keys', 'others see nothing');
select tests.changes('delete from public.user_api_keys', 0, 'and delete nothing');
select tests.act_as('eve');
select tests.changes('delete from public.user_api_keys', 1, 'the owner deletes it');

select * from finish();
rollback;
