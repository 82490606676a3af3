begin;
select plan(5);

create function pg_temp.refusal(statement text)
returns table (state text, message text, detail text, hint text)
language plpgsql
as $$
begin
  execute refusal.statement;
exception when others then
  get stacked diagnostics
    state = returned_sqlstate, message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
  return next;
end
$$;

select results_eq(
  $$
    select * from pg_temp.refusal(
      'select private.refuse(''model_not_found'', ''There is none.'', ''Use another.'')'
    )
  $$,
  $$ values ('PT404', 'There is none.', 'model_not_found', 'Use another.') $$,
  'a refusal carries the status of its code, a sentence, the code and what to do'
);
select results_eq(
  $$ select * from pg_temp.refusal('select private.refuse(''session_ended'', ''Over.'')') $$,
  $$
    select 'PT422', 'Over.', 'session_ended', codes.remedy
    from private.error_codes codes where codes.code = 'session_ended'
  $$,
  'or, where it does not say what to do, the remedy of its code'
);
select results_eq(
  $$
    select * from pg_temp.refusal(
      'select private.refuse(''circuit_open'', ''Paused.'', e''Try\n later.'', ''{"ms": 5}'')'
    )
  $$,
  $$ values ('PT503', 'Paused.', 'circuit_open', e'Try later.\n{"ms": 5}') $$,
  'data for programs are on the second line of the hint, below a sentence of one line'
);
select results_eq(
  $$ select * from pg_temp.refusal('select private.refuse(''circuit_open'', ''Paused.'', data => ''{}'')') $$,
  $$
    select 'PT503', 'Paused.', 'circuit_open', codes.remedy || e'\n{}'
    from private.error_codes codes where codes.code = 'circuit_open'
  $$,
  'also below the remedy of its code'
);
select results_eq(
  $$ select state, detail from pg_temp.refusal('select private.refuse(''teapot'', ''I am a teapot.'')') $$,
  $$ values ('42704', '') $$,
  'a code that is not registered is a mistake in the program'
);

select * from finish();
rollback;
