begin;
select plan(2);

select tests.plain_interactions(tests.id('acme'), 500, interval '1 minute');
alter table public.ai_interactions disable trigger user;
update public.ai_interactions set user_id = tests.id('bob') where title = 'generated';
alter table public.ai_interactions enable trigger user;

create temporary table before as
select n_tup_upd as updates from pg_stat_xact_user_tables where relid = 'public.ai_interactions'::regclass;
delete from auth.users where id = tests.id('bob');
select is(
  (select n_tup_upd from pg_stat_xact_user_tables where relid = 'public.ai_interactions'::regclass) - updates,
  500::bigint, 'each row is scrubbed and loses its person in one update'
)
from before;
select is(
  (select count(*) from public.ai_interactions where title = 'Deleted' and user_id is null), 500::bigint,
  'none is left as it was'
);

select * from finish();
rollback;
