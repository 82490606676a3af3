begin;
select plan(3);

-- Shared while Carol was an admin; she is one no more.
insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values (
  tests.id('carol'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd'
);

select tests.act_as('carol');
select tests.changes($$ update public.user_api_keys set display_name = 'Mine' $$, 1, 'the owner names it');
select tests.changes('update public.user_api_keys set is_active = false', 1, 'and switches it off');
select tests.changes('update public.user_api_keys set organization_id = null', 1, 'and takes it back');

select * from finish();
rollback;
