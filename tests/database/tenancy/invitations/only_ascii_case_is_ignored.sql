begin;
select plan(5);

-- The Kelvin sign is a capital of k to Unicode, and an address of someone else.
update public.profiles set email = 'kate@example.com' where id = tests.id('eve');
select tests.act_as('alice');
select set_config('tests.kelvin', public.invite_member(tests.id('acme'), U&'\212Aate@example.com', 'viewer'), true);
select tests.act_as('eve');
select tests.refused(
  $$ select public.accept_invitation(current_setting('tests.kelvin')) $$, 404, 'invitation_not_found',
  'an address that only looks the same does not accept'
);
select tests.act_as('alice');
select isnt(public.invite_member(tests.id('acme'), 'Kate@example.com', 'viewer'), null, 'nor stand in the way');
select is((select count(*) from public.organization_invitations), 2::bigint, 'of the one that was meant');
select tests.reset();
insert into public.organization_members (organization_id, user_id, role) values (tests.id('acme'), tests.id('eve'), 'viewer');
select tests.act_as('alice');
select tests.refused(
  $$ select public.invite_member(tests.id('acme'), 'KATE@example.com', 'viewer') $$, 409, 'already_member', 'a member is known by her own'
);
select isnt(
  public.invite_member(tests.id('acme'), U&'\212Aate@example.com', 'viewer'), null, 'and not by another''s'
);

select * from finish();
rollback;
