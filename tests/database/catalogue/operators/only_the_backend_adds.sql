begin;
select plan(12);

select tests.act_as('alice');
select tests.denied($$ select public.add_vendor('acme_ai', 'Acme AI') $$, 'a person adds no vendor');
select tests.denied($$ select public.add_vendor_service('openai_new', 'openai', 'gpt-new') $$, 'and no service');
select tests.denied($$ insert into public.vendors (id, name) values ('acme_ai', 'Acme AI') $$, 'by no way');
select tests.denied($$ update public.service_prices set input_rate = 0 $$, 'and makes no price');
select tests.denied($$ delete from public.agent_features $$, 'and takes no feature away');
select isnt_empty('select id from public.vendors', 'but reads all of it');

select tests.act_as_anon();
select tests.denied($$ select public.add_vendor('acme_ai', 'Acme AI') $$, 'nor does a visitor');
select isnt_empty(format('select from public.%I', relation), 'who reads ' || relation)
from unnest(array['vendors', 'vendor_services', 'service_prices', 'agent_features', 'interaction_types']) as relation;

select * from finish();
rollback;
