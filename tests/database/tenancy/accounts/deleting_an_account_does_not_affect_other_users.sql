begin;
select plan(3);

insert into public.agents (name, created_by, organization_id) values
  ('Carol made it', tests.id('carol'), tests.id('acme')),
  ('Bob''s own', tests.id('bob'), null);

delete from auth.users where id = tests.id('carol');
set constraints all immediate;

select results_eq(
  $$ select name, created_by from public.agents where name in ('Carol made it', 'Bob''s own') order by name $$,
  $$ values ('Bob''s own', tests.id('bob')), ('Carol made it', null) $$,
  'an organization keeps the agents that the person made for it'
);

select results_eq(
  $$ select user_id from public.organization_members where organization_id = tests.id('acme') order by user_id $$,
  $$ values (tests.id('alice')), (tests.id('bob')), (tests.id('dave')) $$,
  'and its other members'
);

select is(
  (select count(*) from public.organizations where is_personal and created_by in (
    tests.id('alice'), tests.id('bob'), tests.id('dave'), tests.id('eve')
  )),
  4::bigint,
  'the personal organizations of others stay'
);

select * from finish();
rollback;
