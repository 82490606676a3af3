begin;
select plan(7);

update public.plans set requests_per_minute = 100, user_requests_per_minute = 10 where id = 'starter';
delete from public.notifications;
create function pg_temp.take(times integer)
returns bigint
language plpgsql
as $$
begin
  for n in 1 .. times loop
    perform private.take_rate_limits(
      tests.id('eve'), jsonb_build_object('organization_id', 'o', 'organization_per_minute', 100, 'user_per_minute', 10)
    );
  end loop;
  return (select count(*) from public.notifications);
end
$$;

select is(pg_temp.take(7), 0::bigint, 'seven of ten are fine');
insert into public.notifications (user_id, type, title, message) values
  (tests.id('eve'), 'note', 'Another', 'matter'), (tests.id('bob'), 'rate_limit_warning', 'Another', 'person');
select is(pg_temp.take(1), 3::bigint, 'the eighth is four fifths; other news is no warning');
delete from public.notifications where title = 'Another';
select is(pg_temp.take(2), 1::bigint, 'the last two say no more');
select results_eq(
  'select user_id, type, title, message, data, expires_at - created_at from public.notifications',
  $$
    values (
      tests.id('eve'), 'rate_limit_warning', 'Close to the rate limit',
      'You have used four fifths of your 10 requests a minute.', '{"limit": 10}'::jsonb, interval '1 day'
    )
  $$,
  'the warning says how much, and has ended in a day'
);

select public.warn_of_rate_limit(10, tests.id('eve'));
select is((select count(*) from public.notifications), 1::bigint, 'within the hour there is no other');
update public.notifications set created_at = now() - interval '1 hour';
select public.warn_of_rate_limit(10, tests.id('eve'));
select is((select count(*) from public.notifications), 2::bigint, 'after it there is');
select lives_ok($$ select public.warn_of_rate_limit(10, gen_random_uuid()) $$, 'no one is warned in vain');

select * from finish();
rollback;
