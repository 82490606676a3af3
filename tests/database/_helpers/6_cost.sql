-- What a statement costs, counted in buffers: the same on every machine.

create function tests.buffers(statement text, call integer default 1)
returns bigint
language plpgsql
as $$
declare
  plan jsonb;
begin
  for n in 1..call loop
    execute 'explain (analyze, buffers, timing off, format json) ' || buffers.statement into plan;
  end loop;
  plan := plan -> 0 -> 'Plan';
  return (plan ->> 'Shared Hit Blocks')::bigint + (plan ->> 'Shared Read Blocks')::bigint
    + (plan ->> 'Temp Read Blocks')::bigint + (plan ->> 'Temp Written Blocks')::bigint;
end
$$;
comment on function tests.buffers(text, integer) is 'Runs the statement so many times as whoever the test acts as and returns how many buffers the last run read, hit or not, temporary ones included.';

create function tests.costs_no_more(have bigint, before bigint, description text)
returns text
language plpgsql
as $$
begin
  -- An index may be a level deeper, and a page fuller.
  return extensions.ok(have <= before + 24, costs_no_more.description) || case
    when have <= before + 24 then ''
    else E'\n' || extensions.diag(format('before: %s buffers, now: %s', before, have))
  end;
end
$$;
comment on function tests.costs_no_more(bigint, bigint, text) is 'Passes when a statement read no more buffers than it did on less data, but for a few of an index that is a level deeper.';

create function tests.plain_sessions(owner text, wanted integer)
returns void
language plpgsql
as $$
begin
  alter table public.chat_sessions disable trigger user;
  insert into public.chat_sessions (user_id, org_id, title)
  select tests.id(owner), profiles.current_organization_id, 'generated'
  from generate_series(1, wanted) cross join public.profiles
  where profiles.id = tests.id(owner);
  alter table public.chat_sessions enable trigger user;
  analyze public.chat_sessions;
end
$$;
comment on function tests.plain_sessions(text, integer) is 'Adds so many sessions of a person, without messages.';
