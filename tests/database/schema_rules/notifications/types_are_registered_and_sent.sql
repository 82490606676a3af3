begin;
select plan(3);

create temporary view bodies as
select functions.oid::regprocedure as function, functions.prosrc as body
from pg_proc functions
where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace);

create temporary view findings as
select bodies.function || ' writes a notification without private.notify()' as finding
from bodies
where bodies.body ~* '(insert\s+into|merge\s+into|copy)\s+(public\.)?notifications\M'
  and bodies.function <> 'private.notify(uuid, text, text, text, jsonb, text)'::regprocedure
union all
select format('the type %s is never sent', types.id)
from private.notification_types types
where not exists (
  select from bodies where position(quote_literal(types.id) in bodies.body) > 0
);

select is_empty('select finding from findings', 'the backend notifies with private.notify() alone, each type somewhere');

create function public.planted_writing() returns void language plpgsql as $$
begin
  insert into public.notifications (user_id, type, title, message)
  values (auth.uid(), 'planted', 'Planted', 'Planted.');
end
$$;
create function public.planted_sending() returns void language plpgsql as $$
begin
  perform private.notify(auth.uid(), 'agent_error', 'Planted', 'Planted.');
end
$$;
insert into private.notification_types (id, kept_for, meaning)
values ('planted_unsent', '1 day', 'Something that no function tells.');

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_writing() writes a notification without private.notify()'),
    ('the type planted_unsent is never sent') $$,
  'a function that writes one itself is reported, and a type that is not sent'
);

select throws_ok(
  $$ select private.notify(tests.id('alice'), 'planted', 'Planted', 'Planted.') $$,
  '42704', 'Notification type "planted" is not in private.notification_types.',
  'a type that is not registered is refused'
);

select * from finish();
rollback;
