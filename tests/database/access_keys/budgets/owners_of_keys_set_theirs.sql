begin;
select plan(12);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'One', 'agb_1111', '1111'),
  ('a0000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('carol'), 'Two', 'agb_2222', '2222');
insert into private.access_key_secrets (token_hash, access_key_id) values
  (repeat('1', 64), 'a0000000-0000-4000-8000-000000000001'), (repeat('2', 64), 'a0000000-0000-4000-8000-000000000002');
create function pg_temp.begin(key text, request jsonb default '{}')
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('access_key', repeat(key, 64)),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000003', tests.id('acme'), tests.id('bob'), 'Bob''s', 'agb_3333', '3333');
create function pg_temp.limits(key text, period text)
returns text
language sql
as $$
  select format(
    'insert into budgets (organization_id, access_key_id, period, limit_usd) values (%L, %L, %L, 1)',
    tests.id('acme'), 'a0000000-0000-4000-8000-00000000000' || key, period
  )
$$;
grant execute on function pg_temp.limits(text, text) to authenticated;

select tests.act_as('carol');
select lives_ok(pg_temp.limits('1', 'day'), 'a member limits an own key');
select tests.denied(pg_temp.limits('3', 'day'), 'not another user''s');
select tests.denied(
  format('insert into budgets (organization_id, period, limit_usd) values (%L, ''day'', 1)', tests.id('acme')), 'and not the organization'
);
select tests.changes('update budgets set limit_usd = 2', 1, 'the member moves the limit');
select tests.act_as('bob');
select lives_ok(pg_temp.limits('1', 'month'), 'an admin limits anybody''s key');
select tests.changes($$ update budgets set limit_usd = 3 where period = 'day' $$, 1, 'and moves what its owner set');
select tests.act_as('carol');
select tests.changes($$ update budgets set limit_usd = 100 where period = 'month' $$, 0, 'but what an admin set its owner does not move');
select tests.changes($$ delete from budgets where period = 'month' $$, 0, 'nor lift');
select tests.changes($$ delete from budgets where period = 'day' $$, 1, 'as with the own one');
select tests.act_as('dave');
select tests.denied(pg_temp.limits('1', 'total'), 'others set none');
select tests.reset();
update public.organization_members set role = 'viewer' where user_id = tests.id('carol') and organization_id = tests.id('acme');
select tests.act_as('carol');
select tests.denied(pg_temp.limits('1', 'total'), 'nor does an owner who may no longer chat');
select tests.reset();
select results_eq(
  'select period, limit_usd, created_by from public.budgets', $$ values ('month', 1::numeric(20, 10), tests.id('bob')) $$, 'that is what is left'
);

select * from finish();
rollback;
