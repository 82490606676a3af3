begin;
select plan(11);

insert into public.vendors (id, name, base_url) values
  ('listed', 'Listed', 'https://listed.example/v1'), ('open', 'Open', 'https://open.example/v1');
insert into public.vendor_services (id, vendor_id, service_name, display_name, service_kind, voices) values
  ('listed_one', 'listed', 'one', 'One', 'speech', '{ada,ben}'), ('listed_two', 'listed', 'two', 'Two', 'speech', '{cy}'),
  ('open_one', 'open', 'one', 'One', 'speech', '{ada}'), ('open_two', 'open', 'two', 'Two', 'speech', null);
insert into public.agents (id, name, created_by, status) values
  ('a9e00000-0000-4000-8000-000000000001', 'talker', tests.id('alice'), 'active');

create function pg_temp.speak(vendor text, voice text)
returns text
language sql
as $$
  select format(
    'update public.agents set voice_provider = %L, voice_id = %L where id = %L', speak.vendor, speak.voice,
    'a9e00000-0000-4000-8000-000000000001'
  )
$$;
grant execute on function pg_temp.speak(text, text) to public;
select tests.act_as('alice');
select tests.changes(pg_temp.speak(vendor, voice), 1, format('%s %s', vendor, voice))
from (values
  ('listed', 'ada'), ('listed', 'cy'), ('open', 'any name'), ('unknown vendor', 'any name'), (null, 'any name'), ('listed', null)
) as taken (vendor, voice);
select tests.refused(pg_temp.speak('listed', voice), 400, 'agent_config_invalid', format('listed has no %s', voice))
from unnest(array['dan', 'Ada']) as voice;
select tests.refused(
  $$ insert into public.agents (name, voice_provider, voice_id) values ('other', 'listed', 'dan') $$, 400,
  'agent_config_invalid', 'nor is an agent made with one'
);
select tests.act_as_service();
select tests.refused(pg_temp.speak('listed', 'dan'), 400, 'agent_config_invalid', 'a backend is told, too');
select tests.reset();
select tests.changes(pg_temp.speak('listed', 'dan'), 1, 'the owner of the database imports agents as they are');

select * from finish();
rollback;
