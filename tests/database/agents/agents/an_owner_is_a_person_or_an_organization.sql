begin;
select plan(10);

select tests.act_as('eve');
select tests.denied(
  $$ insert into public.agents (name, created_by) values ('Alice''s', tests.id('alice')) $$,
  'no one makes an agent in another''s name'
);
select tests.denied(
  $$ insert into public.agents (name, created_by) values ('Nobody''s', null) $$, 'nor a platform agent'
);
select tests.denied(
  $$ insert into public.agents (name, organization_id) values ('Acme''s', tests.id('acme')) $$,
  'nor one of an organization of others'
);

select tests.act_as('dave');
select tests.denied(
  $$ insert into public.agents (name, organization_id) values ('Acme''s', tests.id('acme')) $$, 'a viewer makes none'
);

select tests.act_as('carol');
select lives_ok(
  $$ insert into public.agents (name, organization_id) values ('Acme''s', tests.id('acme')) $$,
  'an agent manager makes one of the organization'
);
select results_eq(
  $$ select created_by, organization_id from public.agents where name = 'Acme''s' $$,
  $$ values (tests.id('carol'), tests.id('acme')) $$,
  'and is its maker'
);
select tests.act_as('bob');
select tests.changes(
  $$ update public.agents set description = 'ours' where name = 'Acme''s' $$, 1, 'which a colleague may edit'
);
select tests.act_as('dave');
select tests.changes(
  $$ update public.agents set description = 'mine' where name = 'Acme''s' $$, 0, 'but a viewer may not'
);
select is((select description from public.agents where name = 'Acme''s'), 'ours', 'who only reads');
select tests.changes($$ delete from public.agents where name = 'Acme''s' $$, 0, 'and may not delete');

select * from finish();
rollback;
