-- Jobs within a test's transaction, where private.run_job() cannot commit.

create function tests.work_off(job text)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  due private.due_item;
  attempt record;
  passed_over text[] := '{}';
  last text;
  total bigint := 0;
begin
  loop
    select found.* into due from private.due_items(work_off.job, last, passed_over) found limit 1;
    exit when due.item is null;
    select tried.* into attempt from private.try_job(work_off.job, due.item) tried;
    if attempt.outcome <> 'succeeded' then
      raise exception 'Job "%" failed on "%": %', work_off.job, due.item, attempt.error_message;
    end if;
    if attempt.result::bigint = 0 then
      passed_over := passed_over || due.item;
    end if;
    total := total + attempt.result::bigint;
    last := due.item;
  end loop;
  return total;
end
$$;
comment on function tests.work_off(text) is 'Deals with all that is due of a job that works item by item, as private.run_job() does, and returns how much that was. An item that fails is an error.';
