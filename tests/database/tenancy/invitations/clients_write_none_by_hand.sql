begin;
select plan(2);

select tests.act_as('alice');
select tests.denied(
  $$
    insert into public.organization_invitations (organization_id, email, role, token_hash)
    values (tests.id('acme'), 'eve@example.com', 'member', repeat('0', 64))
  $$,
  'an owner does not insert one'
);
select public.invite_member(tests.id('acme'), 'eve@example.com', 'viewer');
select tests.denied(
  $$ update public.organization_invitations set role = 'admin' $$, 'nor change what one gives'
);

select * from finish();
rollback;
