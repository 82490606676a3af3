-- Assertions on refusals. Each names what refused, so that a typo in the statement fails the test.
-- They set no search_path: the statement runs as it would without them, and pgTAP needs its own.

create function tests.denied(statement text, description text)
returns text
language plpgsql
as $$
declare
  found_state text;
  found_code text;
  found_message text;
  is_denied boolean;
begin
  begin
    execute denied.statement;
  exception when others then
    get stacked diagnostics
      found_state = returned_sqlstate, found_code = pg_exception_detail, found_message = message_text;
  end;
  is_denied := found_state = '42501' or (found_state = 'PT403' and found_code = 'column_is_fixed');
  return extensions.ok(is_denied is true, denied.description) || case when is_denied then '' else
    E'\n' || extensions.diag(format(
      E'wanted: 42501, or PT403 column_is_fixed\n  have: %s',
      coalesce(found_state || ': ' || found_message, 'no error')
    ))
  end;
end
$$;
comment on function tests.denied(text, text) is 'Passes when the statement ends in "permission denied" or breaks a policy''s check (SQLSTATE 42501), or changes a column that stays as it was inserted (PT403 column_is_fixed).';

create function tests.refused(statement text, status integer, code text, description text)
returns text
language plpgsql
as $$
declare
  found_state text;
  found_code text;
  found_message text;
begin
  begin
    execute refused.statement;
  exception when others then
    get stacked diagnostics
      found_state = returned_sqlstate, found_code = pg_exception_detail, found_message = message_text;
  end;
  return extensions.ok(
    found_state is not distinct from 'PT' || refused.status
      and found_code is not distinct from refused.code,
    refused.description
  ) || case
    when found_state is not distinct from 'PT' || refused.status
      and found_code is not distinct from refused.code then ''
    else E'\n' || extensions.diag(format(
      E'wanted: PT%s %s\n  have: %s', refused.status, refused.code,
      coalesce(found_state || ' ' || found_code || ': ' || found_message, 'no error')
    ))
  end;
end
$$;
comment on function tests.refused(text, integer, text, text) is 'Passes when the statement raises the business error with this HTTP status and machine code.';

create function tests.breaks(statement text, rule text, description text)
returns text
language plpgsql
as $$
declare
  found_rule text;
  found_message text;
begin
  begin
    execute breaks.statement;
  exception when others then
    get stacked diagnostics found_rule = constraint_name, found_message = message_text;
  end;
  return extensions.ok(found_rule is not distinct from breaks.rule, breaks.description) || case
    when found_rule is not distinct from breaks.rule then ''
    else E'\n' || extensions.diag(format(
      E'wanted: %s\n  have: %s', breaks.rule, coalesce(found_rule || ': ' || found_message, 'no error')
    ))
  end;
end
$$;
comment on function tests.breaks(text, text, text) is 'Passes when the statement breaks the constraint, or the unique index, of this name.';

create function tests.changes(statement text, wanted bigint, description text)
returns text
language plpgsql
as $$
declare
  found bigint;
begin
  execute changes.statement;
  get diagnostics found = row_count;
  return extensions.is(found, changes.wanted, changes.description);
end
$$;
comment on function tests.changes(text, bigint, text) is 'Passes when the statement touches this many rows: 0 for a write that a policy hides the rows from.';

create function tests.error_data(hint text)
returns jsonb
language sql
as $$
  select nullif(split_part(error_data.hint, e'\n', 2), '')::jsonb
$$;
comment on function tests.error_data(text) is 'What private.refuse() tells programs: the second line of the hint, or null.';
