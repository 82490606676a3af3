-- Policies of storage.objects for the bucket voice.
begin;
select plan(24);

create temporary table paths (name text primary key, path text not null);
grant select on paths to authenticated, anon, service_role;

-- alice's own session, an ended one of hers, bob's, and one of a visitor of Acme's site.
insert into public.chat_sessions (id, session_id, user_id, org_id, status, website_domain) values
  ('5e550000-0000-4000-8000-000000000001', 'sess_recordings_alice', tests.id('alice'),
    tests.id('acme'), 'active', null),
  ('5e550000-0000-4000-8000-000000000002', 'sess_recordings_ended', tests.id('alice'),
    tests.id('acme'), 'ended', null),
  ('5e550000-0000-4000-8000-000000000003', 'sess_recordings_bob', tests.id('bob'),
    tests.id('acme'), 'active', null),
  ('5e550000-0000-4000-8000-000000000004', 'sess_recordings_visitor', null, tests.id('acme'),
    'active', 'site.example');
insert into paths
select names.name, tests.id('acme') || '/5e550000-0000-4000-8000-00000000000' || names.place
  || '/4ec04d00-0000-4000-8000-000000000001.webm'
from (values ('alice', 1), ('ended', 2), ('bob', 3), ('visitor', 4)) as names (name, place);
insert into storage.objects (bucket_id, name) select 'voice', path from paths;

create function pg_temp.heard() returns text[] language sql as $$
  select coalesce(array_agg(paths.name order by paths.name), '{}')
  from paths join storage.objects on objects.name = paths.path and objects.bucket_id = 'voice'
$$;
grant execute on function pg_temp.heard() to public;
select is(
  (select array[public::text, file_size_limit::text] from storage.buckets where id = 'voice'),
  array['false', '26214400'], 'the bucket is private and bounded'
);
select ok(
  (select allowed_mime_types from storage.buckets where id = 'voice')
    @> array['audio/webm', 'audio/mp4', 'audio/mpeg'],
  'it takes what browsers record and vendors speak'
);

select tests.act_as('alice');
select is(pg_temp.heard(), '{alice,ended,visitor}', 'a person hears the own sessions and those of visitors');
select tests.act_as('bob');
select is(pg_temp.heard(), '{bob,visitor}', 'an admin does not hear what members say');
select tests.act_as('dave');
select is(pg_temp.heard(), '{visitor}', 'a viewer hears visitors');
select tests.act_as('eve');
select is(pg_temp.heard(), '{}', 'a stranger hears nothing');
select tests.act_as_anon();
select is(pg_temp.heard(), '{}', 'who is not signed in hears nothing');

select tests.act_as('alice');
select lives_ok(
  format($$insert into storage.objects (bucket_id, name) values ('voice', %L)$$,
    replace((select path from paths where name = 'alice'), '0001.webm', '0002.mp4')),
  'a person adds a recording to the own session'
);
-- Everything else: another's session, an ended one, another organization's folder, another form.
select tests.denied(
  format($$insert into storage.objects (bucket_id, name) values ('voice', %L)$$, refused.path),
  refused.claim
)
from paths mine
cross join lateral (values
  ((select replace(path, '0001.webm', '0002.webm') from paths where name = 'bob'), 'not another''s session'),
  ((select replace(path, '0001.webm', '0002.webm') from paths where name = 'visitor'), 'not a visitor''s'),
  ((select replace(path, '0001.webm', '0002.webm') from paths where name = 'ended'), 'not an ended one'),
  (replace(mine.path, tests.id('acme')::text, tests.id('eve')::text), 'not another folder'),
  (mine.path || '/x.webm', 'no folder below the session'),
  (replace(mine.path, '.webm', ''), 'not without extension'),
  (replace(mine.path, '4ec04d00-0000-4000-8000-000000000001', '..'), 'no way out'),
  (upper(mine.path), 'not in another case'),
  (E'x\n' || mine.path, 'not on a second line'),
  ('recording.webm', 'not beside the folders')
) as refused (path, claim)
where mine.name = 'alice';
select tests.denied(
  $$insert into storage.objects (bucket_id, name) values ('other', 'x')$$, 'no other bucket'
);
select is_empty(
  format($$update storage.objects set name = name || 'x' where name = %L returning 1$$,
    (select path from paths where name = 'alice')),
  'no recording is moved or replaced'
);
select set_config('storage.allow_delete_query', 'true', true);
select is_empty(
  format($$delete from storage.objects where name = %L returning 1$$,
    (select path from paths where name = 'visitor')),
  'a visitor''s recording is not deleted by members'
);
select isnt_empty(
  format($$delete from storage.objects where name = %L returning 1$$,
    (select path from paths where name = 'alice')),
  'a person deletes a recording of the own session'
);
select tests.act_as('dave');
select tests.denied(
  format($$insert into storage.objects (bucket_id, name) values ('voice', %L)$$,
    (select replace(path, '0001.webm', '0003.webm') from paths where name = 'visitor')),
  'a viewer adds nothing'
);
select tests.reset();
-- Whose membership ends hears the organization's sessions no longer.
delete from public.organization_members
where organization_id = tests.id('acme') and user_id = tests.id('bob');
select tests.act_as('bob');
select is(pg_temp.heard(), '{}', 'a former member hears nothing');

select * from finish();
rollback;
