begin;
select plan(16);

insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview, key_fingerprint) values
  ('40000000-0000-4000-8000-000000000001', tests.id('alice'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd', repeat('1', 64));
create function pg_temp.change(person text, changes jsonb)
returns jsonb
language sql
as $$
  select public.change_api_key(jsonb_build_object('user_id', tests.id(person)), '40000000-0000-4000-8000-000000000001', changes)
$$;
grant execute on function pg_temp.change(text, jsonb) to service_role;
select tests.act_as_service();

select is(pg_temp.change('alice', '{"display_name": "Work"}') ->> 'display_name', 'Work', 'a key is named');
select is(pg_temp.change('alice', '{"is_active": false}') ->> 'display_name', 'Work', 'what is not mentioned stays');
select is(pg_temp.change('alice', '{"display_name": null}') ->> 'display_name', null, 'null takes the name away');
select tests.refused(
  $$ select pg_temp.change('alice', '{"organization_id": "40000000-0000-4000-8000-000000000009"}') $$,
  403, 'key_not_yours_to_share', 'it is not shared with an organization that its owner does not manage'
);
select is(
  pg_temp.change('alice', jsonb_build_object('organization_id', tests.id('acme'))) ->> 'organization_id',
  tests.id('acme')::text, 'with one that its owner manages it is'
);
select is(pg_temp.change('bob', '{"is_active": false}') ->> 'is_active', 'false', 'then an admin there switches it off');
select tests.refused(
  $$ select pg_temp.change('bob', '{"is_active": true}') $$, 403, 'key_not_yours_to_switch_on', 'but not on again'
);
select is(pg_temp.change('alice', '{"is_active": true}') ->> 'is_active', 'true', 'which its owner does');
select is(pg_temp.change('bob', '{"is_active": true}') ->> 'is_active', 'true', 'one that is on stays on');
select tests.refused(
  $$ select pg_temp.change('carol', '{"is_active": false}') $$, 404, 'key_not_found', 'no one below does'
);
select is(pg_temp.change('bob', '{"organization_id": null}') ->> 'organization_id', null, 'the admin takes it out again');
select tests.refused($$ select pg_temp.change('bob', '{"is_active": false}') $$, 404, 'key_not_found', 'and has no more to say');

update public.user_api_keys set is_active = false, last_error = 'The vendor rejects it.';
select is(
  pg_temp.change('alice', '{"is_active": true}') ->> 'last_error', null, 'a key that is switched on again has no error'
);

update public.user_api_keys set is_active = false, last_error = 'The vendor rejects it.';
select is(
  public.replace_api_key(
    jsonb_build_object('user_id', tests.id('alice')), '40000000-0000-4000-8000-000000000001',
    jsonb_build_object(
      'encrypted_key', 'v1:k1:BBBBBBBBBBBBBBBB:BBBBBBBBBBBBBBBBBBBBBBBB', 'key_preview', 'wxyz',
      'fingerprints', jsonb_build_array(repeat('2', 64), repeat('1', 64))
    )
  ) - 'created_at' - 'updated_at',
  '{
    "id": "40000000-0000-4000-8000-000000000001", "vendor_id": "openai", "service_id": null, "organization_id": null,
    "display_name": null, "key_preview": "wxyz", "settings": {}, "is_active": true, "last_used_at": null, "last_error": null
  }',
  'a key that was replaced is in use, without the old one''s error'
);
select results_eq(
  'select encrypted_key, key_fingerprint from public.user_api_keys',
  $$ values ('v1:k1:BBBBBBBBBBBBBBBB:BBBBBBBBBBBBBBBBBBBBBBBB', repeat('2', 64)) $$,
  'and is the new one'
);
select public.delete_api_key(jsonb_build_object('user_id', tests.id('alice')), '40000000-0000-4000-8000-000000000001');
select is_empty('select from public.user_api_keys', 'until its owner deletes it');

select * from finish();
rollback;
