begin;
select plan(5);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
update public.organizations set timezone = 'Asia/Tokyo' where id = tests.id('acme');
create function pg_temp.begin(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
create function pg_temp.refusal(scope text, span text)
returns table (message text, data jsonb)
language plpgsql
as $$
declare
  text_of_hint text;
begin
  delete from public.budgets;
  insert into public.budgets (organization_id, user_id, agent_id, period, limit_usd) values (
    tests.id('acme'), case scope when 'user' then tests.id('carol') end,
    case scope when 'agent' then (select agents.id from public.agents where agents.name = 'droid') end, span, 0.0010
  );
  begin
    perform pg_temp.begin('carol', '{"model": "gpt-4o", "max_output_tokens": 1000}');
  exception when sqlstate 'PT402' then
    get stacked diagnostics message = message_text, text_of_hint = pg_exception_hint;
    data := tests.error_data(text_of_hint);
    return next;
  end;
end
$$;

select results_eq(
  format('select message, data - ''resets_at'' from pg_temp.refusal(%L, %L)', scope, span),
  format(
    $$ values (%L, %L::jsonb) $$,
    format('Cannot run the request: it could cost more than is left of the %s''s %s budget.', named, length),
    jsonb_build_object('budget_scope', scope, 'period', span, 'limit_usd', '0.001')
  ),
  scope || ', ' || span
)
from (values
  ('organization', 'day', 'organization', 'daily'), ('user', 'month', 'member', 'monthly'),
  ('agent', 'total', 'agent', 'total')
) as examples (scope, span, named, length);

select is(
  (select (data ->> 'resets_at')::timestamptz from pg_temp.refusal('organization', 'day')),
  date_trunc('day', now(), 'Asia/Tokyo') + interval '1 day', 'it begins again at the organization''s midnight'
);
select is((select data -> 'resets_at' from pg_temp.refusal('organization', 'total')), 'null'::jsonb, 'or never');

select * from finish();
rollback;
