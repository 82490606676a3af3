begin;
select plan(4);

insert into private.rate_limits (key, empty_at) values ('a', now()), ('b', now());
select tests.breaks(format('update private.rate_limits set %s where key = ''a''', change), rule, change || ' is refused')
from (values
  ('key = ''b''', 'rate_limits_pkey'), ('key = ''''', 'rate_limit_key_is_1_to_255_characters'),
  ('key = repeat(''a'', 256)', 'rate_limit_key_is_1_to_255_characters')
) as broken (change, rule);
select tests.changes(
  $$ update private.rate_limits set key = repeat('a', 255) where key = 'a' $$, 1, 'a key has up to 255 characters'
);

select * from finish();
rollback;
