begin;
select plan(1);

update public.organization_members set last_active_at = null where organization_id = tests.id('acme');
update public.organization_members set last_active_at = now() - interval '5 minutes'
where organization_id = tests.id('acme') and user_id = tests.id('bob');
update public.organization_members set last_active_at = now() - interval '5 minutes 1 second'
where organization_id = tests.id('acme') and user_id = tests.id('carol');

insert into public.ai_interactions (organization_id, user_id, title) values
  (tests.id('acme'), tests.id('bob'), 'a'), (tests.id('acme'), tests.id('carol'), 'b'),
  (tests.id('acme'), tests.id('carol'), 'c'), (tests.id('acme'), null, 'd');

select results_eq(
  $$
    select user_id, now() - last_active_at from public.organization_members
    where organization_id = tests.id('acme') and user_id in (tests.id('bob'), tests.id('carol'), tests.id('dave'))
    order by user_id
  $$,
  $$
    values (tests.id('bob'), interval '5 minutes'), (tests.id('carol'), interval '0'), (tests.id('dave'), null)
  $$,
  'a record moves it where it is older than that, and no one else''s'
);

select * from finish();
rollback;
