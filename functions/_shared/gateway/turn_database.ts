import { z } from "zod";
import { type Caller, callerArgument } from "../auth/caller.ts";
import type { AccessKeyScope } from "../core/access_key_scopes.ts";
import type { CountedAnswer } from "../rate_limit/count_call.ts";
import { asJson } from "../database/client.ts";
import { turnMirrorSchema } from "../redis/mirrors/turn.ts";
import type { SqlCaller } from "../database/sql_caller.ts";
import type { StoredKey } from "../crypto/stored_key.ts";
import { rateLimitStateSchema } from "../http/rate_limit_headers.ts";
import { type PlanLimits, planLimitsSchema } from "../rate_limit/plan.ts";
import type { NamedExecution } from "./begin/execution.ts";
import type { Outcome, TurnUsage } from "./settle/outcome.ts";

/** A user's key, own or shared, as the database stores it. */
const storedKeySchema: z.ZodType<StoredKey> = z.object({
  id: z.string(),
  user_id: z.string(),
  vendor_id: z.string(),
  encrypted_key: z.string(),
  settings: z.record(z.string(), z.string()).optional(),
});

/** A route of a turn. */
const routeSchema = z.object({
  agent_id: z.string().nullish(),
  vendor_id: z.string(),
  service_id: z.string().nullish(),
  base_url: z.string().nullish(),
  api_format: z.string(),
  auth_type: z.string(),
  auth_header: z.string(),
  auth_scheme: z.string().nullish(),
  /** The field that limits the tokens of an answer. */
  max_tokens_field: z.string(),
  cancel_stops_billing: z.boolean(),
  usage_path: z.string().nullish(),
  /** Further fields that the vendor accepts at no extra charge. */
  extra_fields: z.array(z.string()).nullish(),
  /** Capabilities of the vendor's API, see `vendors`; absent for the defaults. */
  takes_stream_options: z.boolean().optional(),
  takes_developer_role: z.boolean().optional(),
  takes_parallel_tool_calls: z.boolean().optional(),
  instructions_first: z.boolean().optional(),
  metadata_needs_store: z.boolean().optional(),
  model: z.string(),
  /** The retired model that it is called for; absent for none. */
  replaces: z.string().nullish(),
  /** Tokens. */
  context_window: z.int().positive().nullish(),
  max_output_tokens: z.int().positive().nullish(),
  /** Its voices; absent if any may be requested. */
  voices: z.array(z.string()).nullish(),
  /** Prices in USD of units other than tokens, see `service_prices`; absent for none. */
  unit_rates: z.record(z.string(), z.number()).nullish(),
  /** Who pays the vendor: the platform, the owner of a shared key, or the caller. */
  credential: z.enum(["platform", "shared", "own"]),
  keys: z.array(storedKeySchema),
});

/** The user of the turn; for an access key only the database knows it. */
const ownerSchema = z.object({ user_id: z.string(), access_key_id: z.string().nullish() });

const turnSchema = z.object({
  turn_id: z.uuid(),
  caller: ownerSchema.nullish(),
  // Only conversations have one.
  session_id: z.string().nullish(),
  model: z.string(),
  routes: z.array(routeSchema).min(1),
  defaults: z.object({
    // Settings of an organization are free JSON.
    temperature: z.number().min(0).max(2).nullish().catch(null),
    max_tokens: z.int().positive().nullish().catch(null),
    /** Default fields of a request that the caller does not send. */
    fields: z.record(z.string(), z.unknown()).nullish().catch(null),
    /** Milliseconds until an answer must begin. */
    timeout_ms: z.int().positive().nullish().catch(null),
  }),
  /** The limit in tokens that budgets set for an answer without one; null for none. */
  max_output_tokens: z.int().positive().nullish(),
  /** Whether each further call must be reserved, see {@linkcode TurnDatabase.reserveAttempt}. */
  has_budget: z.boolean().nullish(),
  messages: z.array(z.looseObject({ role: z.string() })),
  /**
   * How many of them, at the end, are not history: the caller's new messages, or the last message,
   * which is to be answered again.
   */
  new_messages: z.int().nonnegative(),
  limits: planLimitsSchema.nullish().catch(null),
  rate_limit: rateLimitStateSchema.nullish().catch(null),
});

/** A turn as the database returns it: without the caller's messages, unless they are `echoed`. */
const begunSchema = turnSchema.extend({ echoed: z.boolean().nullish() });

const countedSchema = z.object({
  limits: planLimitsSchema.nullish().catch(null),
  rate_limit: rateLimitStateSchema.nullish().catch(null),
});

const replaySchema = z.object({
  replay: z.looseObject({}),
  turn_id: z.uuid(),
  caller: ownerSchema.nullish(),
  session_id: z.string().nullish(),
});

/**
 * The database's answer to the beginning of a turn: nearly always the first form, which is tried
 * first.
 */
export const beginningSchema: z.ZodType<Replay | z.infer<typeof begunSchema>> = z.union([
  begunSchema,
  replaySchema,
]);

const promptCountSchema = countedSchema.extend({
  tokens: z.int().nonnegative(),
  /** The caller; for an access key its owner. */
  caller: ownerSchema.nullish(),
});

const settlementSchema = turnMirrorSchema.extend({
  settled: z.boolean(),
  total_cost: z.string().nullish(),
});

const correctionSchema = z.object({ corrected: z.boolean() })
  .transform(({ corrected }) => corrected);

/** A route of a turn. */
export type Route = z.infer<typeof routeSchema>;

/** A turn that has begun: its routes, best first, and the input of the model. */
export type Turn = z.infer<typeof turnSchema>;

/** The length of a prompt, and the caller's limits if the database counted the call. */
export type PromptCount = z.infer<typeof promptCountSchema>;

/** The database's result of settling a turn. */
export type Settlement = z.infer<typeof settlementSchema>;

/** The stored answer of a repeated request; the database did not count it. */
export type Replay = z.infer<typeof replaySchema> & CountedAnswer;

/** The request of a turn. */
export interface TurnRequest {
  request_id: string;
  kind: "chat" | "embedding" | "image" | "moderation" | "speech" | "transcription";
  model: string | null;
  session_id: string | null;
  /**
   * The organization of the session to which the call belongs without being part of its
   * conversation; absent where it belongs to none. No client names it.
   */
  organization_id?: string;
  /**
   * The id of an earlier turn of the caller, after whose answer the messages continue, on a branch
   * if need be.
   */
  continues_turn?: string | null;
  /** Whether the conversation is stored; true by default. */
  store?: boolean;
  /** The part of the request that is stored with its response; absent for none. */
  response?: object;
  title: string | null;
  /** In the shape of OpenAI's chat completions, whatever the format of the request. */
  messages: Turn["messages"];
  /** Bytes of other input of the model, such as tools. */
  other_bytes: number;
  /** The same as an estimate in tokens. */
  other_tokens: number;
  max_output_tokens: number | null;
  /** The most units other than tokens, such as `{"image/1024x1024/high": 2}`; absent for none. */
  units?: Readonly<Record<string, number>>;
  /** The execution of a workflow that the turn is part of; null for none. */
  execution: NamedExecution | null;
  idempotency_key: string | null;
  fingerprint: string | null;
  /** Whether the database counts this call against the caller's limits. */
  rate_limit: boolean;
  /**
   * The limits by which it was already counted; if another organization pays, the database counts
   * for that one.
   */
  counted_limits: PlanLimits | null;
}

/** The fields of a turn's request that determine its prompt. */
export type PromptRequest = Pick<
  TurnRequest,
  | "model"
  | "session_id"
  | "continues_turn"
  | "store"
  | "messages"
  | "other_bytes"
  | "other_tokens"
  | "max_output_tokens"
  | "rate_limit"
  | "counted_limits"
>;

/** The measured usage of a turn that was settled with an estimate. */
export interface Correction {
  usage: TurnUsage;
  /** The cost that the vendor reports, in USD as decimal text. */
  provider_cost: string | null;
}

/** The two database calls of every turn, and those that few turns need. */
export interface TurnDatabase {
  /** Checks the request and opens the turn, or finds its stored answer. */
  beginTurn(caller: Caller, request: TurnRequest): Promise<Turn | Replay>;
  /**
   * Fails, at no cost, a turn whose beginning failed without an answer, so that no vendor was
   * called; returns whether there was one.
   */
  voidTurn(requestId: string): Promise<boolean>;
  /** Estimates the tokens of what a turn would give its model; none begins. */
  countPrompt(caller: Caller, request: PromptRequest): Promise<PromptCount>;
  /** Counts a call that was refused against the limits of its caller. */
  countRefusedCall(caller: Caller, scope: AccessKeyScope): Promise<CountedAnswer>;
  /** Reserves the cost of one more call; false if budgets do not allow it. */
  reserveAttempt(turnId: string): Promise<boolean>;
  /** Closes a turn, once: a repeated call changes nothing and returns `settled: false`. */
  settleTurn(turnId: string, outcome: Outcome): Promise<Settlement>;
  /** Replaces the estimate that a turn was settled with, once; returns whether there was one. */
  correctTurn(turnId: string, correction: Correction): Promise<boolean>;
}

/** The calls. */
export function turnDatabase(call: SqlCaller): TurnDatabase {
  return {
    async beginTurn(caller, request) {
      const begun = await call("begin_chat_turn", {
        caller: callerArgument(caller),
        // Avoids returning megabytes of images.
        request: asJson({ ...request, echo: false }),
      }, beginningSchema);
      return withCallerMessages(begun, request);
    },
    voidTurn: (request_id) => call("void_chat_turn", { request_id }, z.boolean()),
    countPrompt: (caller, request) =>
      call(
        "count_prompt",
        { caller: callerArgument(caller), request: asJson(request) },
        promptCountSchema,
      ),
    countRefusedCall: (caller, scope) =>
      call("count_refused_call", { caller: callerArgument(caller), scope }, countedSchema),
    reserveAttempt: (turnId) => call("reserve_attempt", { turn_id: turnId }, z.boolean()),
    settleTurn: (turnId, outcome) =>
      call("settle_chat_turn", { turn_id: turnId, outcome: asJson(outcome) }, settlementSchema),
    correctTurn: (turnId, correction) =>
      call("correct_chat_turn", {
        turn_id: turnId,
        correction: asJson(correction),
      }, correctionSchema),
  };
}

/** The beginning of a turn with the caller's messages, which the database did not return. */
export function withCallerMessages(
  begun: z.infer<typeof beginningSchema>,
  { messages }: Pick<TurnRequest, "messages">,
): Turn | Replay {
  if ("replay" in begun || begun.echoed !== false) return begun;
  const said = messages.slice(messages.length - begun.new_messages);
  return { ...begun, messages: [...begun.messages, ...said] };
}
