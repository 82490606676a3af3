import { z } from "zod";
import { type Caller, callerArgument } from "../auth/caller.ts";
import { ApiError } from "../core/errors.ts";
import type { SqlCaller } from "../database/sql_caller.ts";
import type { RequestContext } from "../http/context.ts";
import { rateLimitStateSchema } from "../http/rate_limit_headers.ts";
import { countCall } from "../rate_limit/count_call.ts";
import type { RateLimiter } from "../rate_limit/limiter.ts";
import { planLimitsSchema } from "../rate_limit/plan.ts";

const chatModelSchema = z.object({
  id: z.string(),
  agent: z.string(),
  model: z.string(),
  display_name: z.string().nullish(),
  provider: z.string().nullish(),
  vendor_id: z.string().nullish(),
  /** The kind of its service, such as `chat` or `embedding`. */
  kind: z.string().default("chat"),
  /** Seconds since the epoch. */
  created: z.int(),
});

/** The models that the caller may use, as `list_chat_models` returns them. */
const listedModelsSchema = z.object({
  models: z.array(chatModelSchema),
  /** The caller; for an access key its owner. */
  caller: z.object({ user_id: z.string(), access_key_id: z.string().nullish() }).nullish(),
  limits: planLimitsSchema.nullish().catch(null),
  rate_limit: rateLimitStateSchema.nullish().catch(null),
});

/** A model that the caller may use. */
export type ChatModel = z.infer<typeof chatModelSchema>;

/** The models that the caller may use, and the caller's limits where they were counted. */
export type ListedModels = z.infer<typeof listedModelsSchema>;

/** The database call of a list of models. */
export interface ModelsDatabase {
  /**
   * The models that a caller may chat with.
   *
   * @param rateLimit Whether the database counts this call against the caller's limits.
   * @param model Only models with this id; null for all.
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

/** The dependencies of listing models. */
export interface ModelListDeps {
  database: ModelsDatabase;
  limiter: RateLimiter;
}

/**
 * The models that a caller may use. The request counts against the caller's limits.
 *
 * @param model Only those that this id names; null for all.
 * @throws {ApiError} 401 or 403 for a refused caller; 429.
 */
export async function modelsOf(
  caller: Caller,
  context: RequestContext,
  model: string | null,
  { database, limiter }: ModelListDeps,
): Promise<ChatModel[]> {
  const counted = await countCall(caller, limiter);
  const { models, caller: known, ...answer } = await database
    .listModels(caller, counted.request.rate_limit, model)
    .catch(counted.failed);
  Object.assign(context.fields, known);
  counted.answered(answer, context);
  return models;
}

/** The kinds of models that answer a chat. */
const CHATTING = ["chat", "search"];

/**
 * Sorts models: chat models first, and in each group those of vendors whose credential the server
 * has. Clients often select the first model, so it should work.
 */
export function readyFirst(
  listed: ListedModels,
  hasCredential: (vendorId: string) => boolean,
): ListedModels {
  const place = ({ kind, vendor_id }: ChatModel) =>
    (CHATTING.includes(kind) ? 0 : 2) + (hasCredential(vendor_id ?? "") ? 0 : 1);
  return { ...listed, models: listed.models.toSorted((one, other) => place(one) - place(other)) };
}

/**
 * The model of a name, among those of {@linkcode modelsOf}.
 *
 * @throws {ApiError} 404 `model_not_found`.
 */
export function modelNamed(wanted: string, models: readonly ChatModel[]): ChatModel {
  const model = models.find(({ id }) => id === wanted) ??
    models.find((candidate) => `${candidate.agent}/${candidate.model}` === wanted);
  if (model) return model;
  throw new ApiError(
    "model_not_found",
    `Cannot find model "${
      wanted.slice(0, 200)
    }": it does not exist or you may not use it. GET /models lists the models that you may use.`,
    { param: "model" },
  );
}
