begin;
select plan(10);

insert into public.agents (id, name, created_by, organization_id, is_public) values
  ('20000000-0000-4000-8000-000000000001', 'acme''s', tests.id('alice'), tests.id('acme'), true);

select tests.act_as('carol');
select lives_ok(
  $$ insert into public.models (agent_id, name) values ('20000000-0000-4000-8000-000000000001', 'm') $$,
  'an agent manager adds a model'
);
select tests.changes($$ update public.models set display_name = 'M' where name = 'm' $$, 1, 'and changes it');
select tests.denied(
  $$ update public.models set agent_id = gen_random_uuid() where name = 'm' $$, 'but gives it to no other agent'
);

select tests.act_as('dave');
select is((select display_name from public.models where name = 'm'), 'M', 'a viewer reads it');
select tests.changes($$ update public.models set display_name = 'D' where name = 'm' $$, 0, 'and changes nothing');
select tests.act_as('eve');
select is_empty($$ select from public.models where name = 'm' $$, 'who only sees a public agent does not read it');
select results_eq(
  $$ select agent_id, display_name from public.public_models where name = 'm' $$,
  $$ values ('20000000-0000-4000-8000-000000000001'::uuid, 'M') $$, 'but knows that it is offered'
);
select tests.denied(
  $$ insert into public.models (agent_id, name) values ('20000000-0000-4000-8000-000000000001', 'e') $$,
  'and adds nothing'
);
select tests.changes($$ delete from public.models where name = 'm' $$, 0, 'and removes nothing');

select tests.act_as('carol');
select tests.changes($$ delete from public.models where name = 'm' $$, 1, 'an agent manager removes it');

select * from finish();
rollback;
