begin;
select plan(8);

insert into public.agent_templates (name, type, created_by, is_public) values
  ('Platform''s', 'assistant', null, true), ('Platform''s draft', 'assistant', null, false),
  ('Bob''s', 'assistant', tests.id('bob'), false), ('Bob''s public', 'assistant', tests.id('bob'), true);

select tests.act_as('eve');
select results_eq(
  'select name from public.agent_templates order by name', $$ values ('Bob''s public'), ('Platform''s') $$,
  'everyone signed in reads public ones'
);
select tests.changes($$ update public.agent_templates set name = 'Mine' $$, 0, 'and changes none of others');
select tests.changes('delete from public.agent_templates', 0, 'and deletes none');
select tests.denied(
  $$ insert into public.agent_templates (name, type, created_by) values ('x', 'y', tests.id('bob')) $$,
  'and makes none in another''s name'
);
select results_eq(
  $$
    insert into public.agent_templates (name, type) values ('Eve''s', 'y')
    returning created_by, is_public, default_config
  $$,
  $$ values (tests.id('eve'), false, '{}'::jsonb) $$,
  'what a person makes is private'
);
select tests.changes($$ update public.agent_templates set name = 'E' where name = 'Eve''s' $$, 1, 'and the person''s');
select tests.changes($$ delete from public.agent_templates where name = 'E' $$, 1, 'to delete');
select tests.act_as_anon();
select tests.denied('select id from public.agent_templates', 'a visitor reads none');

select * from finish();
rollback;
