begin;
select plan(5);

create function pg_temp.flip(zone text) returns text language sql as $$
  select format('update public.organizations set timezone = %L where id = %L', zone, tests.id('acme'))
$$;
grant execute on function pg_temp.flip(text) to authenticated;
select tests.act_as('alice');
select lives_ok(pg_temp.flip(zone), 'to ' || zone) from unnest(array['Asia/Tokyo']) as zone;
update public.organizations set timezone = 'UTC' where id = tests.id('acme');
update public.organizations set timezone = 'Asia/Tokyo' where id = tests.id('acme');
update public.organizations set timezone = 'UTC' where id = tests.id('acme');
select lives_ok(pg_temp.flip('Europe/Berlin'), 'five changes a day are let through');
select tests.refused(pg_temp.flip('UTC'), 429, 'timezone_changed_too_often', 'a sixth is not');
select tests.reset();
select lives_ok(pg_temp.flip('UTC'), 'the operator''s is');
update public.usage_calendars set recent_changes = array(select change - interval '1 day' from unnest(recent_changes) as change);
select tests.act_as('alice');
select lives_ok(pg_temp.flip('Asia/Tokyo'), 'and people''s a day later');

select * from finish();
rollback;
