begin;
select plan(4);

select tests.act_as_anon();
select results_eq(
  'select id, name, requests_per_minute, user_requests_per_minute from public.plans order by requests_per_minute',
  $$ values ('starter', 'Starter', 120, 60), ('pro', 'Pro', 600, 300), ('enterprise', 'Enterprise', 6000, 1200) $$,
  'each allows more than the one before'
);

select tests.act_as('alice');
select isnt_empty('select id from public.plans', 'who is signed in reads them');
select tests.denied('update public.plans set requests_per_minute = 999999', 'and changes none');
select tests.denied(
  $$ insert into public.plans (id, name, requests_per_minute, user_requests_per_minute) values ('x', 'X', 1, 1) $$,
  'and adds none'
);

select * from finish();
rollback;
