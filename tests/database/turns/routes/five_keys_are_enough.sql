begin;
select plan(1);

insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview, created_at)
select tests.id('alice'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', place::text, now() - make_interval(days => place)
from generate_series(1, 7) as place;
select results_eq(
  $$
    select keys.key_preview
    from public.begin_chat_turn(
      jsonb_build_object('user_id', tests.id('alice')),
      '{"model": "openai/gpt-4o", "messages": [{"role": "user", "content": "hello"}]}'
    ) as turn,
    jsonb_array_elements(turn -> 'routes' -> 0 -> 'keys') with ordinality as offered
    join public.user_api_keys keys on keys.id = (offered.value ->> 'id')::uuid
    order by offered.ordinality
  $$,
  $$ values ('1'), ('2'), ('3'), ('4'), ('5') $$,
  'a route brings the best five keys, best first'
);

select * from finish();
rollback;
