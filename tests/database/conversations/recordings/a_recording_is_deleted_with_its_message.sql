begin;
select plan(18);

insert into public.chat_sessions (id, session_id, user_id, org_id) values
  ('5e550000-0000-4000-8000-000000000001', 'sess_recordings_one', tests.id('alice'), tests.id('acme')),
  ('5e550000-0000-4000-8000-000000000002', 'sess_recordings_two', tests.id('eve'),
    (select current_organization_id from public.profiles where id = tests.id('eve')));
create function pg_temp.path(session integer, number integer) returns text language sql as $$
  select org_id || '/' || id || '/4ec04d00-0000-4000-8000-00000000000' || number || '.webm'
  from public.chat_sessions where id = ('5e550000-0000-4000-8000-00000000000' || session)::uuid
$$;
create function pg_temp.due() returns text[] language sql as $$
  select coalesce(array_agg(right(path, 6) order by path), '{}') from private.recordings_to_delete
$$;
insert into public.chat_messages (session_id, role, content, audio_url)
select ('5e550000-0000-4000-8000-00000000000' || session)::uuid, 'user', 'hello',
  pg_temp.path(session, number)
from (values (1, 1), (1, 2), (1, 3), (2, 4)) as recordings (session, number);
insert into public.chat_messages (session_id, role, content, audio_url) values
  ('5e550000-0000-4000-8000-000000000001', 'user', 'elsewhere', 'https://example.com/a.webm'),
  ('5e550000-0000-4000-8000-000000000001', 'user', 'another session''s', pg_temp.path(2, 4)),
  ('5e550000-0000-4000-8000-000000000001', 'user', 'a path', 'recordings/1.webm');

select is(
  (select count(*) from public.chat_messages where audio_path is not null), 4::bigint,
  'a recording is known by its path; another session''s, an address and any other path are none'
);
select is(pg_temp.due(), '{}', 'nothing is deleted yet');
delete from public.chat_messages where audio_path = pg_temp.path(1, 1);
select is(pg_temp.due(), '{1.webm}', 'a recording goes with its message');
update public.chat_messages set audio_url = pg_temp.path(1, 5)
where audio_path = pg_temp.path(1, 2);
select is(pg_temp.due(), '{1.webm,2.webm}', 'one that is replaced goes');
select tests.act_as('alice');
delete from public.chat_sessions where session_id = 'sess_recordings_one';
select tests.reset();
select is(pg_temp.due(), '{1.webm,2.webm,3.webm,5.webm}', 'all go with their session');
delete from auth.users where id = tests.id('eve');
select is(
  pg_temp.due(), '{1.webm,2.webm,3.webm,5.webm,4.webm}'::text[], 'and with the account'
);

-- A function deletes them through the Storage API.
select tests.act_as_service();
select is(jsonb_array_length(public.claim_recordings_to_delete(2)), 2, 'they are taken in batches');
select is(jsonb_array_length(public.claim_recordings_to_delete()), 3, 'by one taker each');
select is(public.claim_recordings_to_delete(), '[]'::jsonb, 'those that are taken are not due');
select tests.reset();
update private.recordings_to_delete set due_at = now();
select tests.act_as_service();
select is(
  jsonb_array_length(public.claim_recordings_to_delete()), 5,
  'what is not recorded as deleted is due again'
);
select is(
  public.record_deleted_recordings(
    (select jsonb_agg(path) from private.recordings_to_delete)
  ), 5,
  'what is recorded is done'
);
select tests.reset();
select is(private.call_recording_remover_if_due(), null, 'no function is called for nothing');

-- What was uploaded and never became part of a message.
insert into public.chat_sessions (id, session_id, user_id, org_id) values
  ('5e550000-0000-4000-8000-000000000003', 'sess_recordings_three', tests.id('alice'), tests.id('acme'));
insert into storage.objects (bucket_id, name, created_at) values
  ('voice', pg_temp.path(3, 6), now() - interval '25 hours'), ('voice', pg_temp.path(3, 7), now()),
  -- Of an imported conversation, whose audio_url is a path of another form.
  ('voice', 'recordings/1.webm', now() - interval '25 hours');
select is(tests.work_off('find-unused-recordings'), 1::bigint, 'a recording without a message is deleted after a day');
select is(pg_temp.due(), '{6.webm}', 'and not before, nor another file in the bucket');
insert into storage.objects (bucket_id, name, created_at)
select 'voice', organization || '/5e550000-0000-4000-8000-000000000003/' || gen_random_uuid() || '.webm', now() - interval '2 days'
from unnest(array[tests.id('acme'), tests.id('eve')]) organization, generate_series(1, 3);
select is(
  private.queue_unused_recordings(tests.id('acme')::text, 2), 2, 'many are queued in shares of an organization'
);
select is(tests.work_off('find-unused-recordings'), 4::bigint, 'until none is left');
select is(tests.work_off('find-unused-recordings'), 0::bigint, 'each once');
select isnt(private.call_recording_remover_if_due(), null, 'then the function is called');

select * from finish();
rollback;
