begin;
select plan(5);

delete from public.notifications;
create function pg_temp.take(times integer)
returns bigint
language plpgsql
as $$
begin
  for n in 1 .. times loop
    perform private.take_rate_limits(
      tests.id('alice'), jsonb_build_object('organization_id', tests.id('acme'), 'organization_per_minute', 10, 'user_per_minute', 100)
    );
  end loop;
  return (select count(*) from public.notifications);
end
$$;

select is(pg_temp.take(7), 0::bigint, 'seven of ten are fine');
-- That a person is close to a limit of their own is another matter.
insert into public.notifications (user_id, type, title, message) values
  (tests.id('alice'), 'rate_limit_warning', 'Own', 'matter');
select is(pg_temp.take(3), 3::bigint, 'the eighth is four fifths');
delete from public.notifications where title = 'Own';
select results_eq(
  'select user_id, title, message, data, expires_at - created_at from public.notifications order by user_id',
  $$
    select tests.id(name), 'Close to the rate limit',
      'The organization "Acme" has used four fifths of its 10 requests a minute.',
      jsonb_build_object('limit', 10, 'organization_id', tests.id('acme')), interval '1 day'
    from unnest(array['alice', 'bob']) as name
  $$,
  'owner and admin hear of it'
);
select public.warn_of_rate_limit(10, organization_id => tests.id('acme'));
select is((select count(*) from public.notifications), 2::bigint, 'within the hour no more');
update public.notifications set created_at = now() - interval '1 hour' where user_id = tests.id('bob');
select public.warn_of_rate_limit(10, organization_id => tests.id('acme'));
select results_eq(
  'select user_id, count(*) from public.notifications group by user_id order by user_id',
  $$ values (tests.id('alice'), 1::bigint), (tests.id('bob'), 2) $$, 'each of them'
);

select * from finish();
rollback;
