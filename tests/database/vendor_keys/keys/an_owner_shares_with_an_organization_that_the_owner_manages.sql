begin;
select plan(9);

insert into public.organizations (id, name, slug, created_by)
values ('60000000-0000-4000-8000-000000000001', 'Bob''s', 'bobs', tests.id('bob'));
insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview)
select format('40000000-0000-4000-8000-%s', right(actors.id::text, 12))::uuid, actors.id, 'openai',
  'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', left(actors.name, 4)
from tests.actors where actors.name in ('bob', 'carol', 'dave');

select tests.act_as('bob');
select tests.changes(
  $$ update public.user_api_keys set organization_id = tests.id('acme') where user_id = tests.id('bob') $$, 1,
  'an admin shares the own key'
);
select tests.act_as('carol');
select tests.refused(
  $$ update public.user_api_keys set organization_id = tests.id('acme') where user_id = tests.id('carol') $$,
  403, 'key_not_yours_to_share', 'who manages only agents does not'
);
select tests.act_as('dave');
select tests.refused(
  $$ update public.user_api_keys set organization_id = tests.id('acme') where user_id = tests.id('dave') $$,
  403, 'key_not_yours_to_share', 'nor does who manages nothing there'
);
select tests.refused(
  $$
    update public.user_api_keys set organization_id = '60000000-0000-4000-8000-000000000001'
    where user_id = tests.id('dave')
  $$,
  403, 'key_not_yours_to_share', 'nor with an organization of others'
);

select tests.act_as('alice');
select results_eq(
  'select key_preview from public.user_api_keys', $$ values ('bob') $$,
  'an owner of the organization sees what is shared'
);
select tests.changes(
  $$ update public.user_api_keys set is_active = false $$, 1, 'and switches it off'
);
select tests.act_as('carol');
select results_eq(
  'select key_preview from public.user_api_keys', $$ values ('caro') $$, 'an agent manager sees the own only'
);

select tests.act_as('bob');
select tests.changes(
  $$ update public.user_api_keys set organization_id = null, is_active = true where user_id = tests.id('bob') $$, 1,
  'its owner takes it back'
);
select tests.act_as('alice');
select is_empty('select id from public.user_api_keys', 'after which it is seen no more');

select * from finish();
rollback;
