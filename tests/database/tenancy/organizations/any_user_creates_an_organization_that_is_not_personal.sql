begin;
select plan(5);

select tests.act_as('dave');
select lives_ok(
  $$
    insert into public.organizations (name, slug, settings, metadata, timezone)
    values ('D', 'd', '{"default_agent": "droid"}', '{}', 'UTC')
  $$,
  'who is only a viewer elsewhere makes an organization'
);
select tests.denied(
  $$ insert into public.organizations (name, slug, is_personal) values ('D', 'd2', true) $$, 'but no personal one'
);
select tests.denied(
  $$ insert into public.organizations (name, slug, plan) values ('D', 'd3', 'gold') $$, 'and not on a plan of choice'
);
select results_eq(
  $$ select plan, is_personal from public.organizations where slug = 'd' $$,
  $$ values ('starter', false) $$,
  'it is an ordinary one'
);

select tests.act_as_anon();
select tests.denied(
  $$ insert into public.organizations (name, slug) values ('A', 'a') $$, 'a visitor makes none'
);

select * from finish();
rollback;
