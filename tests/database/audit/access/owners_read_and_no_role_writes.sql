begin;
select plan(44);

insert into public.audit_events (organization_id, actor_type, actor_id, action, table_name, row_id, created_at) values
  (tests.id('acme'), 'user', tests.id('bob'), 'changed', 'agents', 'a', now() - interval '3 minutes'),
  (tests.id('acme'), 'service', null, 'deleted', 'models', 'm', now() - interval '2 minutes'),
  (tests.id('acme'), 'user', tests.id('alice'), 'changed', 'agents', 'b', now() - interval '1 minute'),
  (null, 'operator', null, 'changed', 'plans', 'pro', now());
delete from public.audit_events where row_id not in ('a', 'b', 'm', 'pro') or actor_name is not null;

select tests.act_as('alice');
select results_eq(
  $$ select row_id from public.list_audit_events(tests.id('acme')) $$, array['b', 'm', 'a'], 'an owner reads the log, newest first'
);
select results_eq(
  $$ select row_id from public.list_audit_events(tests.id('acme'), table_name => 'agents') $$, array['b', 'a'], 'by table'
);
select results_eq(
  $$ select row_id from public.list_audit_events(tests.id('acme'), row_id => 'm') $$, array['m'], 'by row'
);
select results_eq(
  $$ select row_id from public.list_audit_events(tests.id('acme'), actor_id => tests.id('bob')) $$, array['a'], 'by actor'
);
select results_eq(
  $$ select row_id from public.list_audit_events(tests.id('acme'), action => 'deleted') $$, array['m'], 'by action'
);
select results_eq(
  $$ select row_id from public.list_audit_events(tests.id('acme'), since => now() - interval '90 seconds') $$, array['b'], 'by time'
);
select results_eq(
  $$
    with recursive pages as (
      (select row_id, created_at, id from public.list_audit_events(tests.id('acme'), 1))
      union all
      select next.row_id, next.created_at, next.id
      from pages
      cross join lateral public.list_audit_events(tests.id('acme'), 1, pages.created_at, pages.id) next
    )
    select row_id from pages
  $$,
  array['b', 'm', 'a'], 'page by page'
);
select tests.refused(
  $$ select public.list_audit_events(tests.id('acme'), 100000) $$, 400, 'page_size_out_of_range', 'a page is bounded'
);
select tests.refused(
  $$ select public.list_audit_events(null) $$, 404, 'organization_not_found', 'an owner does not list the platform''s events'
);
select is_empty(
  'select id from public.audit_events where organization_id is null', 'nor read them'
);
select tests.act_as_service();
select results_eq(
  $$ select row_id from public.list_audit_events(null) $$, array['pro'], 'the backend lists the platform''s'
);

-- All others.
create function pg_temp.others()
returns setof text
language plpgsql
as $$
declare
  person text;
begin
  foreach person in array array['bob', 'carol', 'dave', 'eve'] loop
    perform tests.act_as(person);
    return next extensions.is(
      (select count(*) from public.audit_events where organization_id = tests.id('acme')), 0::bigint, person || ' reads nothing of it'
    );
    return next tests.refused(
      $q$ select public.list_audit_events(tests.id('acme')) $q$, 404, 'organization_not_found', person || ' does not list it'
    );
  end loop;
  perform tests.act_as_anon();
  return next tests.denied('select from public.audit_events', 'a visitor reads nothing');
  return next tests.denied('select public.list_audit_events(tests.id(''acme''))', 'nor lists');
end
$$;
create function pg_temp.writers()
returns setof text
language plpgsql
as $$
declare
  actor text;
  statement text;
begin
  foreach actor in array array['anon', 'alice', 'eve', 'service'] loop
    foreach statement in array array[
      $q$ insert into public.audit_events (organization_id, actor_type, action, table_name, row_id)
          values (tests.id('acme'), 'service', 'changed', 'agents', 'x') $q$,
      $q$ update public.audit_events set actor_id = null $q$,
      $q$ delete from public.audit_events $q$,
      $q$ truncate public.audit_events $q$,
      $q$ insert into private.audited_tables values ('x', 'platform', '{}') $q$
    ] loop
      case actor when 'anon' then perform tests.act_as_anon(); when 'service' then perform tests.act_as_service();
        else perform tests.act_as(actor); end case;
      return next tests.denied(statement, actor || ' is refused: ' || left(btrim(statement), 30));
    end loop;
  end loop;
  perform tests.reset();
end
$$;
select tests.reset();
select pg_temp.others();
select tests.reset();
select pg_temp.writers();

select is(
  (select count(*) from information_schema.role_table_grants
   where table_schema = 'public' and table_name = 'audit_events' and privilege_type <> 'SELECT'
     and grantee in ('anon', 'authenticated', 'service_role', 'agentbase_functions', 'PUBLIC')), 0::bigint,
  'no role of the API may do more than read'
);
select is(
  (select count(*) from public.audit_events), 4::bigint, 'and all events are still there'
);
-- A deleted organization is out of reach, its log as well.
update public.organizations set deleted_at = now() where id = tests.id('acme');
select tests.act_as('alice');
select is(
  (select count(*) from public.audit_events where organization_id = tests.id('acme')), 0::bigint,
  'an owner reads no log of a deleted organization'
);

select * from finish();
rollback;
