import { type Caller, callerArgument } from "../_shared/auth/caller.ts";
import type { SqlCaller } from "../_shared/database/sql_caller.ts";
import { type ListedModels, listedModelsSchema } from "./schema.ts";

/** The database call of the models function. */
export interface ModelsDatabase {
  /**
   * The models that a caller may chat with.
   *
   * @param rateLimit Whether the database counts this call against the caller's limits.
   * @param model Only those that this id names; null for all.
   */
  listModels(caller: Caller, rateLimit: boolean, model: string | null): Promise<ListedModels>;
}

/** The call. */
export function modelsDatabase(call: SqlCaller): ModelsDatabase {
  return {
    listModels: (caller, rate_limit, model) =>
      call(
        "list_chat_models",
        { caller: callerArgument(caller), rate_limit, ...model !== null && { model } },
        listedModelsSchema,
      ),
  };
}
