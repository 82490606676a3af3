-- The migration after it: rows are read while others write.
set lock_timeout = '2s';
set statement_timeout = '1h';

alter table public.agents validate constraint rehearsal_has_at_most_20_characters;
select private.compile_rules('public.agents');
