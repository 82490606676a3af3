begin;
select plan(11);

select tests.act_as('eve');
select results_eq(
  'select id, email, full_name, avatar_url, subscription_tier from public.users',
  $$ values (tests.id('eve'), 'eve@example.com', 'Eve', null, 'free') $$, 'a person sees the own'
);
select tests.changes(
  $$ update public.users set full_name = 'Eva', avatar_url = 'https://example.com/e.png' $$, 1,
  'and changes name and picture'
);
select results_eq(
  'select full_name, avatar_url, updated_at from public.profiles',
  $$ values ('Eva', 'https://example.com/e.png', now()) $$, 'of the profile'
);
select tests.denied(format('update public.users set %s', change), change || ' is denied')
from unnest(array[
  'email = ''x''', 'subscription_tier = ''gold''', 'id = gen_random_uuid()', 'created_at = now()'
]) as change;
select tests.denied('delete from public.users', 'and removes no one');
select tests.denied($$ insert into public.users (id) values (gen_random_uuid()) $$, 'and adds no one');
select tests.act_as_anon();
select tests.denied('select id from public.users', 'a visitor sees none');
select tests.act_as_service();
select tests.changes(
  $$ update public.users set subscription_tier = 'pro' where id = tests.id('eve') $$, 1, 'billing sets the tier'
);

select * from finish();
rollback;
