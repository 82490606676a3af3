begin;
select plan(5);

select tests.act_as('bob');
select set_config('tests.token', public.invite_member(tests.id('acme'), 'Eve@Example.com', 'member'), true);
select tests.reset();

select matches(current_setting('tests.token'), '^inv_[0-9a-f]{64}$', 'the answer is a token');

select results_eq(
  $$
    select email, role, token_hash, invited_by, accepted_at, accepted_by, expires_at - created_at
    from public.organization_invitations where organization_id = tests.id('acme')
  $$,
  $$
    values (
      'Eve@Example.com', 'member', encode(sha256(current_setting('tests.token')::bytea), 'hex'), tests.id('bob'),
      null::timestamptz, null::uuid, interval '7 days'
    )
  $$,
  'the invitation keeps its hash, says who invited whom as what, and is open for seven days'
);

select is_empty(
  $$
    select id from public.organization_invitations invitations
    where to_jsonb(invitations)::text like '%' || substr(current_setting('tests.token'), 5) || '%'
  $$,
  'the token itself is kept nowhere'
);

select tests.act_as('bob');
select tests.denied(
  'select token_hash from public.organization_invitations', 'not even the hash is readable by a client'
);
select results_eq(
  'select email, role from public.organization_invitations',
  $$ values ('Eve@Example.com', 'member') $$,
  'the rest is, for those who manage the members'
);

select * from finish();
rollback;
