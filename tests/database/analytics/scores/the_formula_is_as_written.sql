begin;
select plan(13);

select is(private.activity_score(days, uses, rating), score::real, format('%s days, %s uses, rated %s', days, uses, rating))
from (values
  (null::double precision, 0::bigint, null::numeric, 0.0),
  (null, 5, 5, 0.0),
  (0, 0, 1, 0.5),
  (0, 0, null, 0.6),
  (0, 0, 5, 0.7),
  (7, 0, 1, 0.25),
  (14, 0, 1, 0.125),
  (0, 20, 1, 0.65),
  (0, 20, 3, 0.75),
  (7, 20, null, 0.5),
  (0, 60, 1, 0.725),
  (7, 0, 2, 0.3),
  (-5, 0, 1, 0.5)
) as examples (days, uses, rating, score);

select * from finish();
rollback;
