begin;
select plan(30);

insert into public.organizations (id, name, slug, created_by)
values ('60000000-0000-4000-8000-000000000001', 'Shop', 'shop', tests.id('eve'));

select tests.breaks(
  format('update public.organizations set %s where id = ''60000000-0000-4000-8000-000000000001''', change),
  rule, change || ' is refused'
)
from (values
  ('name = ''''', 'organization_name_is_1_to_255_characters'),
  ('name = repeat(''a'', 256)', 'organization_name_is_1_to_255_characters'),
  ('slug = ''Shop''', 'slug_is_lower_case_words_and_dashes'),
  ('slug = ''''', 'slug_is_lower_case_words_and_dashes'),
  ('slug = ''-shop''', 'slug_is_lower_case_words_and_dashes'),
  ('slug = ''shop-''', 'slug_is_lower_case_words_and_dashes'),
  ('slug = ''my shop''', 'slug_is_lower_case_words_and_dashes'),
  ('slug = ''my_shop''', 'slug_is_lower_case_words_and_dashes'),
  ('slug = E''shop\n''', 'slug_is_lower_case_words_and_dashes'),
  ('slug = repeat(''a'', 101)', 'slug_is_lower_case_words_and_dashes'),
  ('slug = ''acme''', 'organizations_slug_key'),
  ('plan = ''gold''', 'organizations_plan_fkey'),
  ('settings = ''[]''', 'settings_are_an_object'),
  ('settings = ''{"temperature": "hot"}''', 'settings_can_be_used'),
  ('settings = ''{"temperature": -0.1}''', 'settings_can_be_used'),
  ('settings = ''{"temperature": 2.1}''', 'settings_can_be_used'),
  ('settings = ''{"max_tokens": "100"}''', 'settings_can_be_used'),
  ('settings = ''{"max_tokens": 0}''', 'settings_can_be_used'),
  ('settings = ''{"max_tokens": 1.5}''', 'settings_can_be_used'),
  ('settings = ''{"max_tokens": 2147483648}''', 'settings_can_be_used'),
  ('settings = ''{"default_agent": 1}''', 'settings_can_be_used'),
  ('settings = ''{"default_model": ["gpt-4o"]}''', 'settings_can_be_used'),
  ('settings = ''{"system_prompt": {}}''', 'settings_can_be_used'),
  ('metadata = ''"text"''', 'metadata_is_an_object'),
  ('timezone = ''Europe/Nowhere''', 'timezone_exists'),
  ('timezone = ''''', 'timezone_exists'),
  ('created_by = gen_random_uuid()', 'organizations_created_by_fkey'),
  ('id = tests.id(''acme'')', 'organizations_pkey'),
  ('is_personal = true, deleted_at = now()', 'personal_organization_cannot_be_deleted'),
  ('is_personal = true', 'one_personal_organization_per_person')
) as broken (change, rule);

select * from finish();
rollback;
