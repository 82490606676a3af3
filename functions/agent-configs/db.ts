import { z } from "zod";
import { asJson } from "../_shared/database/client.ts";
import type { SqlCaller } from "../_shared/database/sql_caller.ts";
import { type Config, type ConfigRequest, configSchema } from "./schema.ts";

/** A value to be stored. */
export type SealedConfig = Omit<ConfigRequest, "config_value"> & { id: string; ciphertext: string };

/** The database calls of the function. Each refuses callers who may not edit the agent. */
export interface ConfigsDatabase {
  storeConfig(userId: string, config: SealedConfig): Promise<Config>;
  listConfigs(userId: string, agentId: string): Promise<Config[]>;
  /** Whether there was one to delete. */
  deleteConfig(userId: string, id: string): Promise<boolean>;
}

/** The calls. */
export function configsDatabase(call: SqlCaller): ConfigsDatabase {
  return {
    storeConfig: (userId, config) =>
      call("store_agent_config", {
        caller: { user_id: userId },
        config: asJson(config),
      }, configSchema),
    listConfigs: (userId, agentId) =>
      call("list_agent_configs", {
        caller: { user_id: userId },
        agent_id: agentId,
      }, z.array(configSchema)),
    deleteConfig: (userId, id) =>
      call("delete_agent_config", { caller: { user_id: userId }, id }, z.boolean()),
  };
}
