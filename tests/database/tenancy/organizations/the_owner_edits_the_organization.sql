begin;
select plan(10);

select tests.act_as('alice');
select results_eq(
  $$
    update public.organizations set name = 'Acme 2', slug = 'acme-2', timezone = 'Europe/Berlin',
      settings = '{"temperature": 0}', metadata = '{"a": 1}'
    where id = tests.id('acme')
    returning name, slug, timezone, settings, metadata, updated_at = now()
  $$,
  $$ values ('Acme 2', 'acme-2', 'Europe/Berlin', '{"temperature": 0}'::jsonb, '{"a": 1}'::jsonb, true) $$,
  'an owner changes name, slug, time zone, settings and metadata'
);

select tests.denied(
  format('update public.organizations set %s where id = tests.id(''acme'')', change), 'but not ' || change
)
from unnest(array[
  'plan = ''gold''', 'is_personal = true', 'created_by = null', 'deleted_at = now()', 'created_at = now()',
  'updated_at = now()', 'id = gen_random_uuid()'
]) as change;

select tests.act_as('bob');
select tests.changes(
  $$ update public.organizations set name = 'Bob''s' where id = tests.id('acme') $$, 0, 'an admin changes nothing'
);
select tests.denied(
  $$ delete from public.organizations where id = tests.id('acme') $$, 'and no client removes the row'
);

select * from finish();
rollback;
