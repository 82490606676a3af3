begin;
select plan(16);

select is(private.is_ciphertext(value), wanted, format('"%s": %s', left(value, 60), wanted))
from (values
  ('v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA', true),
  ('v1:k:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA', true),
  ('v1:2026-key_A:abcdefghij-_0123:abcdefghij-_0123456789ABC', true),
  ('v1:' || repeat('k', 32) || ':AAAAAAAAAAAAAAAA:' || repeat('A', 4000), true),
  ('v1:' || repeat('k', 33) || ':AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA', false),
  ('v1::AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA', false),
  ('v2:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA', false),
  ('v1:k1:AAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA', false),
  ('v1:k1:AAAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA', false),
  ('v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAA', false),
  ('v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAA+=', false),
  (' v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA', false),
  (E'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA\n', false),
  ('sk-proj-abcdefghijklmnopqrstuvwxyz', false),
  ('', false),
  (null, null)
) as examples (value, wanted);

select * from finish();
rollback;
