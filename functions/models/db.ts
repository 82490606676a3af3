import { type Caller, callerArgument } from "../_shared/caller.ts";
import type { DataApi } from "../_shared/database.ts";
import { databaseError } from "../_shared/database_error.ts";
import { type ChatModel, chatModelsSchema } from "./schema.ts";

/** The database call of the models function. */
export interface ModelsDatabase {
  /** The models that a caller may chat with. */
  listModels(caller: Caller): Promise<ChatModel[]>;
}

/** The call, made by a client with the secret key. */
export function modelsDatabase(client: DataApi): ModelsDatabase {
  return {
    async listModels(caller) {
      const { data, error, status } = await client.rpc("list_chat_models", {
        caller: callerArgument(caller),
      });
      if (error) throw databaseError(error, status);
      return chatModelsSchema.parse(data);
    },
  };
}
