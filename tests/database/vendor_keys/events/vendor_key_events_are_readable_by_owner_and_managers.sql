begin;
select plan(7);

insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values
  (tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'acme'),
  (tests.id('alice'), null, 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'own');

select tests.act_as('alice');
select is((select count(*) from public.api_key_events), 2::bigint, 'the owner reads all');
select tests.act_as('bob');
select is((select count(*) from public.api_key_events), 1::bigint, 'an admin reads what is shared');
select tests.act_as('carol');
select is_empty('select id from public.api_key_events', 'an agent manager reads none');
select tests.act_as('alice');
select tests.denied('delete from public.api_key_events', 'no one removes one');
select tests.denied($$ update public.api_key_events set event = 'created' $$, 'or rewrites one');
select tests.act_as_service();
select tests.denied('delete from public.api_key_events', 'the backend does not either');
select tests.denied($$ update public.api_key_events set event = 'created' $$, 'it only adds');

select * from finish();
rollback;
