begin;
select plan(2);

select public.begin_chat_turn(
  jsonb_build_object('user_id', tests.id('eve')),
  '{"request_id": "r1", "model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}'
);
select is(current_setting('idle_in_transaction_session_timeout'), '5s', 'a transaction that begins a turn ends with its connection');
set local idle_in_transaction_session_timeout = 0;
select public.settle_chat_turn(id, '{"state": "failed"}') from private.running_turns;
select is(current_setting('idle_in_transaction_session_timeout'), '5s', 'so does one that settles it');

select * from finish();
rollback;
