begin;
select plan(2);

create function private.planted_refusal() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.title = 'hostile' then
    raise exception 'planted: this row cannot be settled';
  end if;
  return new;
end
$$;
insert into private.running_turns (user_id, organization_id, title, source, lease_expires_at)
select tests.id('alice'), tests.id('acme'), title, 'embedding', now() - interval '1 minute' from unnest(array['hostile', 'a', 'b']) as title;
create trigger planted_refusal before insert on public.ai_interactions for each row execute function private.planted_refusal();
set local client_min_messages = error;

select is(public.sweep_chat_turns(), 2, 'the others are settled');
select results_eq(
  $$ select title from private.running_turns $$, array['hostile'], 'and it stays as it was'
);

select * from finish();
rollback;
