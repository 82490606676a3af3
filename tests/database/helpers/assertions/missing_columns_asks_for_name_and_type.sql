begin;
select plan(1);

create temporary table drafted (relation text, name text, type text);
insert into drafted values
  ('agents', 'name', 'varchar'), ('agents', 'temperature', 'float'),
  ('agents', 'created_at', 'timestamp'), ('agents', 'name', 'uuid'), ('agents', 'colour', 'text'),
  ('agentz', 'name', 'text');

select set_eq(
  $$ select tests.missing_columns('drafted') $$,
  $$ values ('agents.name uuid'), ('agents.colour text'), ('agentz.name text') $$,
  'a column that is missing or of another type is reported, and no other'
);

select * from finish();
rollback;
