-- Steps that require all other chapters.

select private.hide_statistics();

alter role authenticator set pgrst.db_pre_request = 'private.check_request';
notify pgrst, 'reload config';

select private.repair_platform_hooks();
