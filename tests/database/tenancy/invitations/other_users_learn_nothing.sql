begin;
select plan(4);

select tests.act_as('alice');
select set_config('tests.token', public.invite_member(tests.id('acme'), 'frank@example.com', 'member'), true);
select tests.reset();

create function pg_temp.answer(token text)
returns text
language plpgsql
as $$
declare
  detail text;
  hint text;
begin
  perform public.accept_invitation(answer.token);
  return 'accepted';
exception when others then
  get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
  return concat_ws('|', sqlstate, sqlerrm, detail, hint);
end
$$;
grant execute on function pg_temp.answer(text) to authenticated;

select tests.act_as('eve');
select is(
  pg_temp.answer(current_setting('tests.token')),
  'PT404|Invitation not found, or it is not addressed to you.|invitation_not_found|'
    || 'Sign in with the e-mail address that was invited, or ask for a new invitation.',
  'another person''s invitation is refused'
);
select is(
  pg_temp.answer('inv_nothing'), pg_temp.answer(current_setting('tests.token')),
  'with the very words for a token that never was'
);
select is(
  pg_temp.answer(null), pg_temp.answer(current_setting('tests.token')), 'and for none'
);

select tests.reset();
update public.profiles set email = null where id = tests.id('eve');
update public.organization_invitations set email = 'nobody@example.com';
select tests.act_as('eve');
select is(
  pg_temp.answer(current_setting('tests.token')), pg_temp.answer('inv_nothing'),
  'a person without an address has no invitation'
);

select * from finish();
rollback;
