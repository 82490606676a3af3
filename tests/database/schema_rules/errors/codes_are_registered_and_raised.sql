begin;
select plan(2);

-- A code is told apart from other texts by standing first in a call of private.refuse().
create temporary view raised as
select functions.oid::regprocedure as function, calls.found[1] as code
from pg_proc functions
cross join lateral regexp_matches(
  functions.prosrc, $$private\.refuse\(\s*'([^']*)'$$, 'g'
) as calls (found)
where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace);

create temporary view findings as
select format('%s raises %s, which is not registered', raised.function, raised.code) as finding
from raised
where raised.code not in (select codes.code from private.error_codes codes)
union all
select format('%s raises a code that cannot be read', functions.oid::regprocedure)
from pg_proc functions
where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and functions.prosrc ~ $$private\.refuse\(\s*[^'\s]$$;

select is_empty('select finding from findings', 'every code that SQL raises is in private.error_codes');

create function public.planted_known() returns void language plpgsql as $$
begin
  perform private.refuse('session_busy', 'Wait.');
end
$$;
create function public.planted_unknown() returns void language plpgsql as $$
begin
  perform private.refuse(
    'teapot', 'I am a teapot.'
  );
end
$$;
create function public.planted_computed(code text) returns void language plpgsql as $$
begin
  perform private.refuse(code, 'Something.');
end
$$;
select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_unknown() raises teapot, which is not registered'),
    ('planted_computed(text) raises a code that cannot be read') $$,
  'an unknown code is reported, and one that is computed; a known one is not'
);

select * from finish();
rollback;
