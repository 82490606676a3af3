-- The current state of what 000840_token_estimates.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.message_tokens(messages jsonb)
returns bigint
language plpgsql immutable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.message_tokens(jsonb) to service_role;

create function private.text_tokens(content text)
returns bigint
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return ceil(
    (3 * octet_length(text_tokens.content) - char_length(text_tokens.content)) / 8.0
  )::bigint;
end
$body$;
grant execute on function private.text_tokens(text) to service_role;
