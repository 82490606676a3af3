begin;
select plan(2);

delete from public.notifications;

select lives_ok(
  $$ update public.agents set status = 'error' where name = 'droid' and is_platform $$,
  'a platform agent changes its status'
);
select is_empty('select id from public.notifications', 'and there is no one to tell');

select * from finish();
rollback;
