import type { Caller } from "../auth/caller.ts";
import type { Admission } from "../http/admission.ts";
import type { RequestContext } from "../http/context.ts";
import { readJson } from "../http/read_json.ts";
import type { RateLimiter } from "../rate_limit/limiter.ts";
import { modelNamed, type ModelsDatabase, modelsOf } from "./model_list.ts";

/** What counting needs from outside. */
export interface CountDeps {
  admission: Admission;
  limiter: RateLimiter;
  /** Who may use which model, for what is counted and not called. */
  models: ModelsDatabase;
}

/** A prompt, as far as it is counted. */
interface CountedPrompt {
  /** The name of a model; null where none is named. */
  model: string | null;
  /** Estimated. */
  tokens: number;
}

/**
 * Estimates the tokens of a prompt for a caller who may use its model. No model is called.
 *
 * @param read Reads a body; throws for one that is not valid.
 * @throws {ApiError} 404 `model_not_found`; 429.
 */
export async function countPrompt(
  request: Request,
  caller: Caller,
  context: RequestContext,
  { maxBytes, read }: {
    maxBytes: number;
    read: (json: object) => CountedPrompt | Promise<CountedPrompt>;
  },
  { admission, limiter, models: database }: CountDeps,
): Promise<number> {
  const admitted = admission.enter(request);
  try {
    const { model, tokens } = await read(await readJson(request, maxBytes, admitted.arrived));
    const models = await modelsOf(caller, context, model, { limiter, database });
    if (model !== null) modelNamed(model, models);
    return tokens;
  } finally {
    admitted.leave();
  }
}
