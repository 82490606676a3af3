begin;
select plan(12);

insert into public.agents (id, name, created_by)
values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));

create function pg_temp.version_after(change text)
returns integer
language plpgsql
as $$
declare
  version integer;
begin
  execute format('update public.agents set %s where id = ''20000000-0000-4000-8000-000000000001''', change);
  select agents.version into version from public.agents where id = '20000000-0000-4000-8000-000000000001';
  return version;
end
$$;

select is(pg_temp.version_after('vendor_id = ''openai'''), 2, 'its vendor does');
select is(pg_temp.version_after('service_id = ''openai_gpt4o'''), 3, 'its service');
select is(pg_temp.version_after('model_name = ''gpt-4o'''), 4, 'its model');
select is(pg_temp.version_after('system_prompt = ''Be brief.'''), 5, 'its prompt');
select is(pg_temp.version_after('temperature = 0.5'), 6, 'its temperature');
select is(pg_temp.version_after('max_tokens = 100'), 7, 'its limit');
select is(pg_temp.version_after('config = ''{"a": 1}'''), 8, 'its configuration');
select is(pg_temp.version_after('capabilities = ''{"b": 1}'''), 9, 'its capabilities');
select is(pg_temp.version_after('system_prompt = null, temperature = null'), 10, 'several at once, once');
select is(
  pg_temp.version_after('vendor_id = ''openai'', service_id = ''openai_gpt4o'', config = ''{"a": 1}'''), 10,
  'the same again does not'
);
select is(
  pg_temp.version_after('name = ''Uno'', description = ''x'', status = ''active'', tags = ''{a}'', enabled = false'),
  10,
  'name, description, status and tags do not'
);
select is(pg_temp.version_after('version = 99, max_tokens = 50'), 11, 'no one sets it to what it is not');

select * from finish();
rollback;
