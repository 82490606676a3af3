begin;
select plan(5);

select is(private.take_rate_limit('user:a', 3) -> 'remaining', wanted::text::jsonb, wanted || ' remaining')
from unnest(array[2, 1, 0]) as wanted;
select tests.refused(
  $$ select private.take_rate_limit('user:a', 3) $$, 429, 'rate_limit_exceeded', 'the fourth of three is refused'
);
select is(private.take_rate_limit('user:b', 3) -> 'remaining', '2'::jsonb, 'another caller has all of them');

select * from finish();
rollback;
