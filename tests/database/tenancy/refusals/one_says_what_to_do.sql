begin;
select plan(2);

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
  $$ select * from pg_temp.refusal('select private.refuse(418, ''teapot'', ''I am a teapot.'', ''Use the pot.'')') $$,
  $$ values ('PT418', 'I am a teapot.', 'teapot', 'Use the pot.') $$,
  'a refusal carries status, sentence, machine code and hint'
);
select results_eq(
  $$ select * from pg_temp.refusal('select private.refuse(418, ''teapot'', ''I am a teapot.'')') $$,
  $$ values ('PT418', 'I am a teapot.', 'teapot', '') $$,
  'or no hint'
);

select * from finish();
rollback;
