begin;
select plan(3);

select is_empty(
  $$
    select days, uses, rating
    from generate_series(0, 60, 0.5) as days, generate_series(0, 100, 10) as uses, generate_series(1, 5, 0.5) as rating
    where private.activity_score(days::double precision + 0.5, uses, rating)
      >= private.activity_score(days::double precision, uses, rating)
  $$,
  'they fall with every half day without use'
);
select is_empty(
  $$
    select days, uses, rating
    from generate_series(0, 60, 5) as days, generate_series(0, 200) as uses, generate_series(1, 5, 0.5) as rating
    where private.activity_score(days::double precision, uses + 1, rating)
      <= private.activity_score(days::double precision, uses, rating)
  $$,
  'rise with every use'
);
select is_empty(
  $$
    select days, uses, rating
    from generate_series(0, 60, 5) as days, generate_series(0, 100, 10) as uses, generate_series(1, 4.9, 0.1) as rating
    where private.activity_score(days::double precision, uses, rating + 0.1)
      <= private.activity_score(days::double precision, uses, rating)
  $$,
  'and with every better rating'
);

select * from finish();
rollback;
