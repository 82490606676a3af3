begin;
select plan(2);

insert into public.ai_interactions (organization_id, user_id, title, idempotency_key, request_fingerprint)
values (tests.id('acme'), tests.id('alice'), 'One', 'k', 'f');

select tests.breaks(
  $$
    insert into public.ai_interactions (organization_id, user_id, title, idempotency_key, request_fingerprint)
    values (tests.id('acme'), tests.id('alice'), 'Two', 'k', 'g')
  $$,
  'one_turn_per_idempotency_key', 'a person''s key is one turn''s'
);
select lives_ok(
  $$
    insert into public.ai_interactions (organization_id, user_id, title, idempotency_key, request_fingerprint)
    values
      (tests.id('acme'), tests.id('bob'), 'Three', 'k', 'f'), (tests.id('acme'), tests.id('alice'), 'Four', 'l', 'f')
  $$,
  'another person''s, or another key, is another turn'
);

select * from finish();
rollback;
