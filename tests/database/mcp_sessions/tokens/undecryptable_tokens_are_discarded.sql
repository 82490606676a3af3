begin;
select plan(6);

create function pg_temp.store(part text) returns jsonb language sql as $$
  select store_oauth_token(jsonb_build_object('user_id', tests.id('eve')), 'google', 'mcp_eve', jsonb_build_object(
    'ciphertext', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA' || part, 'expires_in', 0, 'refreshable', true
  ))
$$;
create function pg_temp.take() returns jsonb language sql as $$
  select take_oauth_token(jsonb_build_object('user_id', tests.id('eve')), 'google', gen_random_uuid())
$$;
create function pg_temp.give_up(part text) returns void language sql as $$
  select give_up_oauth_token('mcp_eve', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA' || part)
$$;
create function pg_temp.status() returns text language sql as $$
  select connection ->> 'status'
  from jsonb_array_elements(list_oauth_tokens(jsonb_build_object('user_id', tests.id('eve')))) as connection
  where connection ->> 'provider' = 'google'
$$;
grant execute on all functions in schema pg_temp to service_role;
select tests.act_as_service();

select pg_temp.store('B');
select pg_temp.give_up('A');
select is(pg_temp.status(), 'connected', 'tokens that took the place of what does not open stay');
select is(pg_temp.take() ->> 'state', 'claimed', 'and can be had');

select pg_temp.give_up('B');
select is(pg_temp.status(), 'needs_reauth', 'what does not open is no connection, though a refresh is under way');
select is(pg_temp.take(), '{"state": "needs_reauth"}', 'and asks for a new sign-in');

select pg_temp.give_up('B');
select results_eq(
  $$ select user_id, priority, data ->> 'provider' from notifications where type = 'oauth_needs_reauth' $$,
  $$ values (tests.id('eve'), 'high', 'google') $$, 'the person is told, once'
);

select pg_temp.store('C');
select is(pg_temp.take() ->> 'state', 'claimed', 'after a new sign-in all is well');

select * from finish();
rollback;
