-- The days on which vendors end models would change what the tests see from one day to the next.
-- In the tests none of them comes, except where a test sets one.
update public.vendor_services set retired_on = '9999-12-31' where is_active and retired_on is not null;
