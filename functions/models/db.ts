import { type Caller, callerArgument } from "../_shared/caller.ts";
import type { DataApi } from "../_shared/database.ts";
import { createSqlCaller } from "../_shared/sql_caller.ts";
import { type ChatModel, chatModelsSchema } from "./schema.ts";

/** The database call of the models function. */
export interface ModelsDatabase {
  /** The models that a caller may chat with. */
  listModels(caller: Caller): Promise<ChatModel[]>;
}

/** The call, made by a client with the secret key. */
export function modelsDatabase(client: DataApi): ModelsDatabase {
  const call = createSqlCaller(client);
  return {
    listModels: (caller) =>
      call("list_chat_models", { caller: callerArgument(caller) }, chatModelsSchema),
  };
}
