begin;
select plan(56);

select is(
  private.activity_score(days, uses, rating) between 0 and 1, true,
  format('%s days, %s uses, rated %s', days, uses, rating)
)
from unnest(array[0, 1e-300, 7518, 7519, 36500, 1e6, 1e300, 'infinity', -1e300]::double precision[]) as days,
unnest(array[0, 9223372036854775807]::bigint[]) as uses,
unnest(array[1, 5, null]::numeric[]) as rating;

select is(
  private.activity_score(3650, 0, 1) < 0.000001, true, 'who was used long ago and disliked comes close to 0'
);
select is(
  private.activity_score(0, 9223372036854775807, 5) > 0.999, true, 'who is used all the time and loved comes close to 1'
);

select * from finish();
rollback;
