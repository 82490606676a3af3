begin;
select plan(22);

insert into public.vendor_services (id, vendor_id, service_name, display_name, service_kind) values
  ('openai_pictures', 'openai', 'pictures', 'Pictures', 'image'),
  ('openai_token_pictures', 'openai', 'token-pictures', 'Token pictures', 'image'),
  ('openai_unpriced_pictures', 'openai', 'unpriced-pictures', 'Unpriced pictures', 'image');
insert into public.service_prices (service_id, valid_during, input_rate, output_rate, unit_rates) values
  (
    'openai_pictures', '[2026-01-01,)', 0, 0,
    '{"image/1024x1024": 0.04, "image/1024x1024/hd": 0.08, "image/1024x1792": 0.08}'
  ),
  ('openai_token_pictures', '[2026-01-01,)', 5, 30, '{}');
insert into public.agents (name, vendor_id, service_id, is_platform, status) values
  ('painter', 'openai', 'openai_pictures', true, 'active'),
  ('token painter', 'openai', 'openai_token_pictures', true, 'active');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'month', 1 from public.profiles where id = tests.id('eve');

select is(
  private.unit_rate('{"image": 0.02, "image/1024x1024/hd": 0.08}', 'image/auto/hd'), 0.08,
  'where the vendor chooses the size, the dearest rate is reserved'
);

create function pg_temp.begin(request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    '{"kind": "image", "model": "painter", "messages": [{"role": "user", "content": "a cat"}]}'::jsonb
      || jsonb_build_object('request_id', gen_random_uuid()) || begin.request
  )
$$;
create function pg_temp.settle(turn jsonb, outcome jsonb)
returns text
language sql
as $$
  select public.settle_chat_turn(
    (settle.turn ->> 'turn_id')::uuid,
    jsonb_build_object(
      'vendor_id', 'openai', 'service_id', settle.turn #>> '{routes,0,service_id}',
      'attempts', jsonb_build_array(
        jsonb_build_object(
          'attempt', 1, 'vendor_id', 'openai', 'service_id', settle.turn #>> '{routes,0,service_id}',
          'status', 'succeeded', 'started_at', now(), 'latency_ms', 1
        ) || (settle.outcome -> 'attempt')
      )
    ) || (settle.outcome - 'attempt')
  ) ->> 'total_cost'
$$;
create function pg_temp.reserved()
returns numeric
language sql
as $$ select sum(reserved_usd) from public.budgets $$;

-- What is reserved, and what is charged.
create temporary table turns as
select pg_temp.begin('{"units": {"image/1024x1024/hd": 3}}') as turn;
select is(pg_temp.reserved(), 0.24, 'so many images at their price are reserved');
select is(
  (select source from tests.turns), 'image', 'the turn is of its own kind'
);
select is((select turn -> 'session_id' from turns), 'null', 'it has no session unless it names one');
select is_empty('select id from public.chat_messages', 'and keeps nothing of what is said');
select is(
  (
    select pg_temp.settle(
      turn,
      '{"state": "succeeded", "attempt": {"usage": {"units": {"image/1024x1024/hd": 2}, "estimated": false}}}'
    ) from turns
  ),
  '0.1600000000', 'two that came are charged'
);
select results_eq(
  'select source, cost_breakdown, usage_is_estimated, input_tokens from public.ai_interactions where source = ''image''',
  $$ values ('image', '{"image": 0.16}'::jsonb, false, 0::bigint) $$, 'as images, and nothing of it is estimated'
);
select is(
  (select usage_details from public.agent_executions), '{"units": {"image/1024x1024/hd": 2}}'::jsonb,
  'the call says how many of what size and quality'
);
select is(pg_temp.reserved(), 0.00, 'nothing stays reserved');
select is((select sum(spent_usd) from public.budgets), 0.16, 'the budget is charged');
delete from turns;
insert into turns select pg_temp.begin('{"units": {"image/1024x1792": 1}}');
select is(
  (select pg_temp.settle(turn, '{"state": "failed", "attempt": {"usage_is_unknown": true}}') from turns),
  '0.0800000000', 'one whose images are unknown is charged as what was asked for'
);
select is(
  (select usage_is_estimated from public.ai_interactions order by created_at desc, total_cost limit 1), true, 'as an estimate'
);

-- What may be asked.
select tests.refused(
  $$ select pg_temp.begin('{"units": {"image/1024x1024/hd": 10}}') $$, 402, 'budget_exceeded', 'more than the budget has is refused'
);
select tests.refused(
  format('select pg_temp.begin(%L)', jsonb_build_object('units', jsonb_build_object(unit, 1))), 400, 'unit_not_priced',
  format('where others pay, %s has no price', unit)
)
from unnest(array['image', 'image/2048x2048', 'image/auto/hd']) as unit;
select isnt(
  pg_temp.begin('{"model": "openai/unpriced-pictures", "units": {"image/2048x2048": 1}}') ->> 'turn_id', null,
  'with an own key it needs none'
);
select tests.refused(
  $$ select pg_temp.begin('{"model": "gpt-4o", "units": {"image": 1}}') $$, 400, 'agent_cannot_make_images', 'a chat model makes none'
);
select tests.refused(
  $$ select pg_temp.begin('{"kind": "chat"}') $$, 400, 'agent_cannot_chat', 'and a model of images does not chat'
);

-- Those that are charged by tokens.
delete from turns;
insert into turns select pg_temp.begin(
  '{"model": "token painter", "max_output_tokens": 10000, "units": {"image/1024x1024/high": 1}}'
);
select is(pg_temp.reserved() > 0.3, true, 'as many tokens as its images may have are reserved');
select is(
  (
    select pg_temp.settle(
      turn,
      '{"state": "succeeded", "attempt": {"usage": {
        "input_tokens": 20, "output_tokens": 4160, "units": {"image/1024x1024/high": 1}
      }}}'
    ) from turns
  ),
  '0.1249000000', 'and charged as they are'
);
select is(
  (select min(old_cost) from public.reprice_interactions('[2026-01-01,)')), null, 'priced again, they cost the same'
);

select * from finish();
rollback;
