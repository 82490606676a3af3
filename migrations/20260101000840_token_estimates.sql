-- How tokens are estimated where a vendor reports none.

create function private.text_tokens(content text)
returns bigint
language plpgsql
immutable
set search_path = ''
as $$
begin
  return ceil(
    (3 * octet_length(text_tokens.content) - char_length(text_tokens.content)) / 8.0
  )::bigint;
end
$$;
comment on function private.text_tokens(text) is
  'Tokens of a text, estimated: (3 bytes - characters) / 8, which is a quarter for an ASCII '
  'character, 0.625 for a Cyrillic one, 1 for a Chinese one, 1.375 for an emoji.';
grant execute on function private.text_tokens(text) to service_role;

create function private.message_tokens(messages jsonb)
returns bigint
language plpgsql
immutable
set search_path = ''
as $$
declare
  json text := message_tokens.messages::text;
  weight bigint := 3 * octet_length(json)::bigint - char_length(json);
  attachments bigint := 0;
begin
  -- Not a regular expression, which takes ten times as long for a megabyte.
  if strpos(json, '"image_url"') > 0 or strpos(json, '"file_data"') > 0
    or strpos(json, '"input_audio"') > 0
  then
    select
      -- The text between the quotes.
      weight - coalesce(sum(3 * octet_length(bytes::text) - char_length(bytes::text) - 4), 0),
      count(bytes)
    into weight, attachments
    from (
      select case part ->> 'type'
        when 'image_url' then coalesce(part #> '{image_url,url}', part -> 'image_url')
        when 'file' then part #> '{file,file_data}'
        else part #> '{input_audio,data}'
      end as bytes
      from jsonb_path_query(
        message_tokens.messages,
        '$[*].content[*] ? (
          (@.type == "image_url" && (@.image_url.type() == "string" || exists(@.image_url.url)))
          || (@.type == "file" && exists(@.file.file_data))
          || (@.type == "input_audio" && exists(@.input_audio.data))
        )'
      ) as part
    ) parts;
  end if;
  return ceil(weight / 8.0)::bigint + attachments * 1024;
end
$$;
comment on function private.message_tokens(jsonb) is
  'Tokens of one or many OpenAI messages, estimated as those of their JSON. An image, a '
  'document or a recording counts for 1,024, whatever its size.';
grant execute on function private.message_tokens(jsonb) to service_role;
