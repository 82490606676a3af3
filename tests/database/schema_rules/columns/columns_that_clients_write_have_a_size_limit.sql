-- Every text, document or list that a signed-in person may write has a largest size. The kinds and
-- their limits are the functions is_... of the foundation; a list of words or a pattern that ends is
-- a limit as well. A foreign key is none: it is looked up after the row and its index entries are
-- written, and those fail first. A view's columns are its table's.
begin;

create temporary view limits as
select keys.conrelid, columns.number, pg_get_constraintdef(keys.oid) as definition, keys.contype
from pg_constraint keys
cross join unnest(keys.conkey) as columns (number)
where keys.contype = 'f'
union all
-- With the checks that are compiled into a function.
select columns.attrelid, columns.attnum, format('CHECK (%s)', rules.expression), 'c'
from pg_class relations
cross join private.rules_of(relations.oid) rules
join pg_attribute columns on columns.attrelid = relations.oid and columns.attnum > 0
where relations.relnamespace = 'public'::regnamespace and relations.relkind in ('r', 'p')
  and rules.expression ~ format('\m%s\M', columns.attname);

create temporary view findings as
select format('%s.%s has no largest size', columns.attrelid::regclass, columns.attname) as finding
from pg_class relations
join pg_attribute columns on columns.attrelid = relations.oid and columns.attnum > 0 and not columns.attisdropped
join pg_type types on types.oid = columns.atttypid
where relations.relnamespace = 'public'::regnamespace
  and relations.relkind in ('r', 'p')
  and (types.typcategory in ('S', 'A') or types.typname in ('json', 'jsonb', 'bytea', 'xml'))
  and (
    has_column_privilege('authenticated', relations.oid, columns.attnum, 'insert')
    or has_column_privilege('authenticated', relations.oid, columns.attnum, 'update')
  )
  and not exists (
    select from limits
    where limits.conrelid = relations.oid and limits.number = columns.attnum
      and limits.contype = 'c'
      and limits.definition ~ format(
        'is_(label|prose|prompt|content|document|payload|word_list|web_address|time_zone)\(%1$s\M'
        '|(char_length|octet_length|pg_column_size|cardinality)\(%1$s\) <= |\m%1$s = ANY \(ARRAY\[|\m%1$s ~ ''\^.*\{\d*,\d+\}',
        columns.attname
      )
  );

select plan(6);

select is_empty('select finding from findings', 'every value that clients write has a largest size');

create table public.planted_parents (id text primary key, constraint planted_parent_is_short check (private.is_label(id)));
create table public.planted_sizes (
  parent text references public.planted_parents (id),
  label text,
  word text,
  slug text,
  words text[],
  document jsonb,
  unbounded text,
  other text,
  list text[],
  object jsonb,
  hidden text,
  constraint planted_label_is_short check (private.is_label(label)),
  constraint planted_word_is_known check (word in ('a', 'b')),
  constraint planted_slug_is_short check (slug ~ '^[a-z]{1,9}$'),
  constraint planted_words_are_few check (private.is_word_list(words)),
  constraint planted_document_is_small check (private.is_document(document)),
  constraint planted_unbounded_is_not_empty check (char_length(unbounded) > 0),
  constraint planted_other_is_of_another_column check (private.is_label(label) or other is null),
  constraint planted_object_is_an_object check (jsonb_typeof(object) = 'object')
);
grant insert (parent, label, word, slug, words, document, unbounded, other, list, object) on public.planted_sizes to authenticated;

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_sizes.parent has no largest size'),
    ('planted_sizes.unbounded has no largest size'),
    ('planted_sizes.other has no largest size'),
    ('planted_sizes.list has no largest size'),
    ('planted_sizes.object has no largest size') $$,
  'one without a size, or with a rule that is none, is reported, and no other'
);

drop table public.planted_sizes, public.planted_parents;

-- Names, titles and other short texts are shown to others, in terminals and in messages.
create temporary view unsafe_names as
select format('%s.%s may hold control characters', columns.attrelid::regclass, columns.attname) as finding
from pg_class relations
join pg_attribute columns on columns.attrelid = relations.oid and columns.attnum > 0 and not columns.attisdropped
where relations.relnamespace = 'public'::regnamespace
  and relations.relkind in ('r', 'p')
  and columns.atttypid = 'text'::regtype
  and (
    columns.attname ~ '(^|_)(name|title|type|id|key)$'
    or exists (
      select from limits
      where limits.conrelid = relations.oid and limits.number = columns.attnum
        and limits.definition ~ format('char_length\(%s\)', columns.attname)
    )
  )
  and (
    has_column_privilege('authenticated', relations.oid, columns.attnum, 'insert')
    or has_column_privilege('authenticated', relations.oid, columns.attnum, 'update')
  )
  and not exists (
    select from limits
    where limits.conrelid = relations.oid and limits.number = columns.attnum
      and (
        limits.contype = 'f'
        or limits.definition ~ format('is_(label|plain)\(%1$s\)|\m%1$s = ANY \(ARRAY\[', columns.attname)
      )
  );
select is_empty('select finding from unsafe_names', 'no short text holds control characters');

create table public.planted_names (name text, title text, constraint planted_title_is_plain check (private.is_plain(title)));
grant insert (name, title) on public.planted_names to authenticated;
select set_eq(
  $$ select finding from unsafe_names where finding like '%planted%' $$,
  $$ values ('planted_names.name may hold control characters') $$,
  'one that may is reported'
);

-- Jobs and figures reckon with these times.
create temporary view boundless_times as
select format('%s.%s may be infinite', columns.attrelid::regclass, columns.attname) as finding
from pg_class relations
join pg_attribute columns on columns.attrelid = relations.oid and columns.attnum > 0 and not columns.attisdropped
join pg_type types on types.oid = columns.atttypid and types.typcategory = 'D'
where relations.relnamespace = 'public'::regnamespace
  and relations.relkind in ('r', 'p')
  and (
    has_column_privilege('authenticated', relations.oid, columns.attnum, 'insert')
    or has_column_privilege('authenticated', relations.oid, columns.attnum, 'update')
  )
  and not exists (
    select from limits
    where limits.conrelid = relations.oid and limits.number = columns.attnum
      and limits.definition ~ format('is_calendar_time\(%1$s\)|\m%1$s <', columns.attname)
  );
select is_empty('select finding from boundless_times', 'every time that clients write is on the calendar');

create table public.planted_moments (
  begins timestamptz,
  ends timestamptz,
  constraint planted_begins_on_the_calendar check (private.is_calendar_time(begins)),
  constraint planted_ends_after_it_begins check (ends >= begins)
);
grant update (begins, ends) on public.planted_moments to authenticated;
select set_eq(
  $$ select finding from boundless_times where finding like '%planted%' $$,
  $$ values ('planted_moments.ends may be infinite') $$,
  'one that may be infinite is reported'
);

select * from finish();
rollback;
