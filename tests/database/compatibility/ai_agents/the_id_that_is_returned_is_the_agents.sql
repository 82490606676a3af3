begin;
select plan(1);

select tests.act_as('eve');
create temporary table made (id uuid);
with inserted as (insert into public.ai_agents (name) values ('New') returning id)
insert into made select id from inserted;
select results_eq(
  'select agents.name from public.agents join made using (id)', $$ values ('New') $$, 'so that features can be added'
);

select * from finish();
rollback;
