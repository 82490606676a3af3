begin;
select plan(10);

select tests.act_as('alice');
select results_eq(
  $$ select id, name, slug, plan, created_by from public.teams where slug = 'acme' $$,
  $$ values (tests.id('acme'), 'Acme', 'acme', 'starter', tests.id('alice')) $$, 'a member sees it'
);
select tests.changes($$ update public.teams set name = 'A', slug = 'a' where slug = 'acme' $$, 1, 'an owner renames it');
select results_eq(
  $$ insert into public.teams (name, slug) values ('New', 'new') returning name, plan, created_by $$,
  $$ values ('New', 'starter', tests.id('alice')) $$, 'and makes another'
);
select is(
  (select role from public.user_roles roles join public.teams on teams.id = team_id where slug = 'new'), 'owner',
  'and owns it'
);
select tests.denied(format('update public.teams set %s', change), change || ' is denied')
from unnest(array['plan = ''pro''', 'created_by = null', 'id = gen_random_uuid()']) as change;
select tests.denied('delete from public.teams', 'and removes none');
select tests.act_as('bob');
select tests.changes($$ update public.teams set name = 'B' where slug = 'a' $$, 0, 'an admin does not rename it');
select tests.act_as('eve');
select is_empty($$ select id from public.teams where slug = 'a' $$, 'an outsider sees none of it');

select * from finish();
rollback;
