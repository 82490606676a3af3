begin;
select plan(5);

select tests.act_as_service();
select private.impersonate(jsonb_build_object('user_id', tests.id('carol')));

select is(auth.uid(), tests.id('carol'), 'the backend asks as the caller');
select is(auth.role(), 'authenticated', 'as one who is signed in');
select is(
  current_setting('request.jwt.claims')::jsonb,
  '{"sub": "00000000-0000-4000-8000-00000000000c", "role": "authenticated"}'::jsonb, 'with claims'
);
select is(
  current_setting('request.jwt.claim.sub'), '00000000-0000-4000-8000-00000000000c', 'and in the older form too'
);
select is(current_user, 'service_role', 'with its own rights');

select * from finish();
rollback;
