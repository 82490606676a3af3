begin;
select plan(4);

select check_test(
  tests.refused(
    $$ select private.refuse('model_not_found', 'There is no such model.') $$,
    404, 'model_not_found', 'same'
  ),
  true, 'refused() passes on the same status and code'
);
select check_test(
  tests.refused(
    $$ select private.refuse('model_not_found', 'There is no such model.') $$,
    409, 'model_not_found', 'status'
  ),
  false, 'refused() fails on another status'
);
select check_test(
  tests.refused(
    $$ select private.refuse('session_not_found', 'There is no such session.') $$,
    404, 'model_not_found', 'code'
  ),
  false, 'refused() fails on another code'
);
select check_test(
  tests.refused('select 1', 404, 'model_not_found', 'success'),
  false, 'refused() fails on a statement that succeeds'
);

select * from finish();
rollback;
