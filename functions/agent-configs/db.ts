import { z } from "zod";
import { asJson, type DataApi } from "../_shared/database.ts";
import { databaseError } from "../_shared/database_error.ts";
import { type Config, type ConfigRequest, configSchema } from "./schema.ts";

/** A value on its way into the database. */
export type SealedConfig = Omit<ConfigRequest, "config_value"> & { id: string; ciphertext: string };

/** The database calls of the function. Each refuses who may not edit the agent. */
export interface ConfigsDatabase {
  storeConfig(userId: string, config: SealedConfig): Promise<Config>;
  listConfigs(userId: string, agentId: string): Promise<Config[]>;
  /** Whether there was one to delete. */
  deleteConfig(userId: string, id: string): Promise<boolean>;
}

/** The calls, made by a client with the secret key. */
export function configsDatabase(client: DataApi): ConfigsDatabase {
  return {
    async storeConfig(userId, config) {
      const { data, error, status } = await client.rpc("store_agent_config", {
        caller: { user_id: userId },
        config: asJson(config),
      });
      if (error) throw databaseError(error, status);
      return configSchema.parse(data);
    },
    async listConfigs(userId, agentId) {
      const { data, error, status } = await client.rpc("list_agent_configs", {
        caller: { user_id: userId },
        agent_id: agentId,
      });
      if (error) throw databaseError(error, status);
      return z.array(configSchema).parse(data);
    },
    async deleteConfig(userId, id) {
      const caller = { user_id: userId };
      const { data, error, status } = await client.rpc("delete_agent_config", { caller, id });
      if (error) throw databaseError(error, status);
      return z.boolean().parse(data);
    },
  };
}
