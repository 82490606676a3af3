begin;
select plan(42);

create function pg_temp.nested(levels integer)
returns jsonb
language sql
as $$
  select (repeat('{"a": ', levels) || '1' || repeat('}', levels))::jsonb
$$;

select ok(passes, description)
from (values
  (private.is_plain('Zoë ""👩‍💻"" 日本語'), 'accents, quotes, joined emoji and other scripts are plain'),
  (private.is_label(repeat('é', 255)), '255 characters are a label'),
  (private.is_prose(repeat('x', 65536)), '64 KiB are prose'),
  (private.is_prose(E'two\nlines'), 'prose has lines'),
  (private.is_prompt(repeat('x', 262144)), '256 KiB are a prompt'),
  (private.is_content(repeat('x', 1048576)), 'a MiB is content'),
  (private.is_document(jsonb_build_object('a', repeat('x', 262144 - 9))), '256 KiB are a document'),
  (private.is_document(pg_temp.nested(64)), 'so are 64 levels'),
  (private.is_payload(jsonb_build_object('a', repeat('x', 1048576 - 9))), 'a MiB is a payload'),
  (private.is_word_list(array_fill('x'::text, array[100])), 'a hundred words are a list'),
  (private.is_word_list('{}'), 'and so are none'),
  (private.is_web_address('https://example.com'), 'a host is an address'),
  (private.is_web_address('http://example.com:8080/a?b=c#d'), 'with a port, a path, a query and a fragment'),
  (private.is_web_address('https://example.com/' || repeat('a', 2028)), 'of 2,048 characters'),
  (private.is_web_address('https://example.com?a=b', 'https'), 'of the scheme that is asked for'),
  (private.is_email('carol@example.com'), 'an address of e-mail is one'),
  (private.is_calendar_time('1970-01-01 00:00:00+00'), '1970 is on the calendar'),
  (private.is_label(null) is null, 'nothing is in no kind')
) as taken (passes, description);

select ok(not passes, description || ' is refused')
from (values
  (private.is_plain(E'a\nb'), 'a line break in a name'),
  (private.is_plain(E'a\u001b[2Jb'), 'an escape sequence'),
  (private.is_plain(E'a\u0085b'), 'a C1 control'),
  (private.is_plain(E'a\u202eb'), 'an override of the direction'),
  (private.is_plain(E'a\u2066b'), 'an isolate'),
  (private.is_label(repeat('é', 256)), 'a label of 256 characters'),
  (private.is_prose(repeat('é', 32769)), 'prose of 64 KiB and a byte or two'),
  (private.is_prompt(repeat('x', 262145)), 'a prompt of a byte more'),
  (private.is_content(repeat('x', 1048577)), 'content of a byte more'),
  (private.is_document(jsonb_build_object('a', repeat('x', 262144 - 8))), 'a document of a byte more'),
  (private.is_document(pg_temp.nested(65)), 'a document of 65 levels'),
  (private.is_document((repeat('[', 3000) || repeat(']', 3000))::jsonb), 'one of 3,000'),
  (private.is_payload(jsonb_build_object('a', repeat('x', 1048576 - 8))), 'a payload of a byte more'),
  (private.is_word_list(array_fill('x'::text, array[101])), 'a list of 101 words'),
  (private.is_word_list(array[repeat('x', 256)]), 'a word of 256 characters'),
  (private.is_word_list(array['a', null]), 'a word that is none'),
  (private.is_web_address('javascript:alert(1)'), 'a script'),
  (private.is_web_address('https://'), 'a scheme alone'),
  (private.is_web_address('https://example.com/a b'), 'a space in an address'),
  (private.is_web_address('https://example.com/' || repeat('a', 2029)), 'an address of 2,049 characters'),
  (private.is_web_address('http://example.com', 'https'), 'another scheme than is asked for'),
  (private.is_email(E'carol@example.com\u202e'), 'an address of e-mail that hides something'),
  (private.is_calendar_time('infinity'), 'a time without end'),
  (private.is_calendar_time('2200-01-01 00:00:00+00'), 'a time past 2199')
) as refused (passes, description);

select * from finish();
rollback;
