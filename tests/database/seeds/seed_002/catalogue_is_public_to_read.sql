-- Seed 002, "Public Metadata".
begin;
select plan(8);

select tests.act_as_anon();
select isnt_empty('select * from vendors', 'a visitor reads vendors');
select isnt_empty('select * from vendor_services', 'their services');
select isnt_empty('select * from agent_features', 'features');
select isnt_empty('select * from interaction_types', 'and interaction types');

select tests.act_as('alice');
select tests.denied($$ insert into vendors (id, name) values ('mine', 'Mine') $$, 'no one signed in adds a vendor');
select tests.denied($$ update vendor_services set is_active = false $$, 'changes a service');
select tests.denied($$ delete from agent_features $$, 'deletes a feature');
select tests.denied($$ insert into interaction_types (id, name) values ('mine', 'Mine') $$, 'or adds an interaction type');

select * from finish();
rollback;
