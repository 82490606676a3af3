begin;
select plan(13);

select is(private.is_time_zone(name), true, format('"%s" is one', name))
from unnest(array['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT-14', 'Asia/Kathmandu']) as name;

-- Postgres itself takes these: offsets and POSIX rules, whose days begin where no one expects it.
select is(private.is_time_zone(name), false, format('"%s" is none', name))
from unnest(array['', ' UTC', '+01', '-5', 'ABC7', 'CET-1CEST', 'Mars/Olympus', 'UTC; drop table x']) as name;

select * from finish();
rollback;
