begin;
select plan(3);

create temporary view findings as
select format('%s asks for the scope %s, which is not listed', functions.oid::regprocedure, calls.found[1]) as finding
from pg_proc functions
cross join lateral regexp_matches(
  functions.prosrc, $$private\.(?:impersonate|use_access_key)\([^()]*,\s*'([^']*)'\)$$, 'g'
) as calls (found)
where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and calls.found[1] <> all (private.access_key_scopes());

select is_empty('select finding from findings', 'functions ask for scopes of private.access_key_scopes()');

create function public.planted_known(caller jsonb) returns void language plpgsql as $$
begin
  perform private.impersonate(caller, 'models');
end
$$;
create function public.planted_unknown(caller jsonb) returns void language plpgsql as $$
begin
  perform private.impersonate(caller, 'teapots');
end
$$;
select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values ('planted_unknown(jsonb) asks for the scope teapots, which is not listed') $$,
  'an unknown scope is reported, a known one is not'
);

create or replace function private.access_key_scopes() returns text[]
language sql immutable set search_path = '' as $$ select array['chat', 'embeddings', 'models', 'audio'] $$;
insert into public.access_keys (organization_id, user_id, name, prefix, last_four)
values (tests.id('acme'), tests.id('alice'), 'New', 'agb_0000', '0000');
select is(
  (select scopes from public.access_keys where name = 'New'), array['chat', 'embeddings', 'models', 'audio'],
  'one that is added there is accepted, and a new key has it'
);

select * from finish();
rollback;
