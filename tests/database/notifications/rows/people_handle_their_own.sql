begin;
select plan(7);

insert into public.notifications (id, user_id, type, title, message) values
  ('80000000-0000-4000-8000-000000000001', tests.id('eve'), 'note', 'Eve''s', 'hers'),
  ('80000000-0000-4000-8000-000000000002', tests.id('bob'), 'note', 'Bob''s', 'his');

select tests.act_as('eve');
select results_eq('select title from public.notifications', $$ values ('Eve''s') $$, 'a person reads the own');
select results_eq(
  'update public.notifications set read_at = now() returning title', $$ values ('Eve''s') $$, 'and marks them'
);
select tests.denied($$ update public.notifications set title = 'Mine' $$, 'and rewrites nothing');
select tests.denied(
  $$ insert into public.notifications (user_id, type, title, message) values (tests.id('bob'), 'a', 'b', 'c') $$,
  'and writes to no one else'
);
select results_eq(
  $$
    insert into public.notifications (type, title, message) values ('memo', 'To me', 'Remember')
    returning user_id, priority, data, read_at
  $$,
  $$ values (tests.id('eve'), 'medium', '{}'::jsonb, null::timestamptz) $$,
  'but a note to oneself is fine'
);
select tests.changes('delete from public.notifications', 2, 'and deletes the own');

select tests.reset();
select results_eq(
  'select title, read_at from public.notifications', $$ values ('Bob''s', null::timestamptz) $$, 'no more'
);

select * from finish();
rollback;
