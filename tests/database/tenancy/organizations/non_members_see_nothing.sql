begin;
select plan(4);

select tests.act_as('eve');
select results_eq(
  'select slug from public.organizations', $$ values ('personal-' || tests.id('eve')) $$,
  'an outsider sees the own organization only'
);
select is_empty(
  $$ select user_id from public.organization_members where organization_id = tests.id('acme') $$,
  'and no member of another'
);
select tests.changes(
  $$ update public.organizations set name = 'Mine' where id = tests.id('acme') $$, 0, 'and edits nothing there'
);

select tests.act_as_anon();
select tests.denied('select id from public.organizations', 'a visitor may not look');

select * from finish();
rollback;
