begin;
select plan(15);

insert into public.notifications (id, user_id, type, title, message) values
  ('80000000-0000-4000-8000-000000000001', tests.id('eve'), 'note', 'One', 'first'),
  ('80000000-0000-4000-8000-000000000002', tests.id('eve'), 'note', 'Two', 'second');

select tests.breaks(
  format('update public.notifications set %s where id = ''80000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''80000000-0000-4000-8000-000000000002''', 'notifications_pkey'),
  ('user_id = gen_random_uuid()', 'notifications_user_id_fkey'),
  ('type = ''''', 'notification_type_is_at_most_100_characters'),
  ('type = repeat(''a'', 101)', 'notification_type_is_at_most_100_characters'),
  ('title = ''''', 'notification_title_is_at_most_255_characters'),
  ('title = repeat(''a'', 256)', 'notification_title_is_at_most_255_characters'),
  ('priority = ''urgent''', 'priority_is_known'),
  ('read_at = created_at - interval ''1 microsecond''', 'read_at_is_not_before_created_at')
) as broken (change, rule);

select tests.changes(
  format('update public.notifications set %s where id = ''80000000-0000-4000-8000-000000000001''', change), 1, change
)
from unnest(array[
  'type = repeat(''a'', 100)', 'title = repeat(''a'', 255)', 'read_at = created_at', 'priority = ''low''',
  'priority = ''medium''', 'priority = ''high''', 'priority = ''critical'''
]) as change;

select * from finish();
rollback;
