begin;
select plan(13);

insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values
  (tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'acme'),
  (tests.id('alice'), null, 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'own');

create function pg_temp.usable(person text, payer uuid default tests.id('acme'))
returns text
language plpgsql
as $$
begin
  perform set_config('request.jwt.claims', jsonb_build_object('sub', tests.id(person))::text, true);
  return (
    select string_agg(key_preview, ' ' order by key_preview) from private.usable_api_keys(tests.id(person), payer, 'openai')
  );
end
$$;

select is(pg_temp.usable('alice'), 'acme own', 'the owner has both');
select is(pg_temp.usable('bob'), 'acme', 'an admin has the shared one');
select is(pg_temp.usable('carol'), 'acme', 'and so has an agent manager');
select is(pg_temp.usable('carol', null), null, 'but not where the organization does not pay');
select is(pg_temp.usable('alice', null), 'acme own', 'where its owner may use it still');
select is(pg_temp.usable('dave'), null, 'a viewer has none');
select is(pg_temp.usable('eve'), null, 'nor has an outsider');

update public.organization_members set role = 'member'
where organization_id = tests.id('acme') and user_id = tests.id('dave');
select is(pg_temp.usable('dave'), 'acme', 'a member has it');

update public.user_api_keys set is_active = false where key_preview = 'acme';
select is(pg_temp.usable('bob'), null, 'one that is switched off is no one''s');
select is(pg_temp.usable('alice'), 'own', 'not even its owner''s');
update public.user_api_keys set is_active = true where key_preview = 'acme';

delete from public.organization_members where organization_id = tests.id('acme') and user_id = tests.id('bob');
select is(pg_temp.usable('bob'), null, 'who has left has it no more');

update public.organizations set deleted_at = now() where id = tests.id('acme');
select is(pg_temp.usable('carol'), null, 'an organization that is deleted shares nothing');
select is(pg_temp.usable('alice'), 'acme own', 'and the owner keeps it');

select * from finish();
rollback;
