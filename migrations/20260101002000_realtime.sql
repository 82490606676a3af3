-- Realtime: tables whose changes a signed-in client may follow. Row level
-- security decides row by row who is told.

alter publication supabase_realtime add table
  public.agents,
  public.agent_health,
  public.agent_thoughts,
  public.chat_messages,
  public.deployments,
  public.notifications,
  public.workflow_executions;
