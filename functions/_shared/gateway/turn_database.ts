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

/** A key of a person or an organization, as the database keeps it. */
const storedKeySchema: z.ZodType<StoredKey> = z.object({
  id: z.string(),
  user_id: z.string(),
  vendor_id: z.string(),
  encrypted_key: z.string(),
  settings: z.record(z.string(), z.string()).optional(),
});

/** Where a turn's call goes and how. */
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
  /** What the vendor takes beside the fields of the wire format, at no charge of its own. */
  extra_fields: z.array(z.string()).nullish(),
  /** What the vendor's API takes, see `vendors`; absent is what most do. */
  takes_stream_options: z.boolean().optional(),
  takes_developer_role: z.boolean().optional(),
  takes_parallel_tool_calls: z.boolean().optional(),
  instructions_first: z.boolean().optional(),
  metadata_needs_store: z.boolean().optional(),
  model: z.string(),
  /** Tokens. */
  context_window: z.int().positive().nullish(),
  max_output_tokens: z.int().positive().nullish(),
  /** The voices in which it speaks; absent where any may be asked for. */
  voices: z.array(z.string()).nullish(),
  /** Dollars by the unit that is no token, see `service_prices`; absent where it sells none. */
  unit_rates: z.record(z.string(), z.number()).nullish(),
  /** Whose money is spent: the platform's, that of the owner of a shared key, or the caller's own. */
  credential: z.enum(["platform", "shared", "own"]),
  keys: z.array(storedKeySchema),
});

/** Whose turn it is; for an access key only the database knows. */
const ownerSchema = z.object({ user_id: z.string(), access_key_id: z.string().nullish() });

const turnSchema = z.object({
  turn_id: z.uuid(),
  caller: ownerSchema.nullish(),
  // Only conversations have one.
  session_id: z.string().nullish(),
  model: z.string(),
  routes: z.array(routeSchema).min(1),
  defaults: z.object({
    // People write the settings of their organization by hand.
    temperature: z.number().min(0).max(2).nullish().catch(null),
    max_tokens: z.int().positive().nullish().catch(null),
    /** Further fields of a request for what the caller does not send. */
    fields: z.record(z.string(), z.unknown()).nullish().catch(null),
    /** Milliseconds until an answer must begin. */
    timeout_ms: z.int().positive().nullish().catch(null),
  }),
  /** What budgets let an answer without a limit of its own be, in tokens; null where none does. */
  max_output_tokens: z.int().positive().nullish(),
  /** Whether budgets must take each further call, see {@linkcode TurnDatabase.reserveAttempt}. */
  has_budget: z.boolean().nullish(),
  messages: z.array(z.looseObject({ role: z.string() })),
  /**
   * How many of them, the last ones, are not history: what the caller sent and had not said before, or
   * the last message that is to be answered once more.
   */
  new_messages: z.int().nonnegative(),
  limits: planLimitsSchema.nullish().catch(null),
  rate_limit: rateLimitStateSchema.nullish().catch(null),
});

/** A turn as the database tells it: without what the caller said, unless that is `echoed`. */
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

/** What the database answers to the beginning of a turn: nearly always the first, which is tried first. */
export const beginningSchema: z.ZodType<Replay | z.infer<typeof begunSchema>> = z.union([
  begunSchema,
  replaySchema,
]);

const settlementSchema = turnMirrorSchema.extend({
  settled: z.boolean(),
  total_cost: z.string().nullish(),
});

const correctionSchema = z.object({ corrected: z.boolean() })
  .transform(({ corrected }) => corrected);

/** Where a turn's call goes and how. */
export type Route = z.infer<typeof routeSchema>;

/** A turn that has begun: where it may be sent, best first, and everything the model must be given. */
export type Turn = z.infer<typeof turnSchema>;

/** What the database says of a turn that was settled. */
export type Settlement = z.infer<typeof settlementSchema>;

/** The stored answer of a request that was answered before; the database did not count it. */
export type Replay = z.infer<typeof replaySchema> & CountedAnswer;

/** What the caller asks of a turn. */
export interface TurnRequest {
  request_id: string;
  kind: "chat" | "embedding" | "image" | "moderation" | "speech" | "transcription";
  model: string | null;
  session_id: string | null;
  /** An earlier turn of the caller, by its id: what is said follows its answer, on a branch if need be. */
  continues_turn?: string | null;
  /** Whether the conversation is kept, which it is unless this says no. */
  store?: boolean;
  /** What is kept of the request, to answer for its response later; absent where nothing is. */
  response?: object;
  title: string | null;
  /** In the shape of OpenAI's chat completions, whatever the format of the request. */
  messages: Turn["messages"];
  /** Bytes of what the model reads besides, such as tools. */
  other_bytes: number;
  /** The same as an estimate in tokens. */
  other_tokens: number;
  max_output_tokens: number | null;
  /** What is bought at most that is no token, such as `{"image/1024x1024/high": 2}`; absent for nothing. */
  units?: Readonly<Record<string, number>>;
  /** The execution of a workflow that the turn is part of; null for none. */
  execution: NamedExecution | null;
  idempotency_key: string | null;
  fingerprint: string | null;
  /** Whether the database counts this call against the caller's limits. */
  rate_limit: boolean;
  /** The limits by which it was counted already; where another organization pays, the database counts for that. */
  counted_limits: PlanLimits | null;
}

/** What was really used, where a turn was settled with an estimate. */
export interface Correction {
  usage: TurnUsage;
  /** The vendor's own price in USD as decimal text. */
  provider_cost: string | null;
}

/** The two database calls of a turn, and three more for few of them. */
export interface TurnDatabase {
  /** Decides on the request and opens the turn, or finds the answer that it had before. */
  beginTurn(caller: Caller, request: TurnRequest): Promise<Turn | Replay>;
  /**
   * Fails the turn of a request at no cost, whose beginning was not answered so that nothing was
   * called; returns whether there was one.
   */
  voidTurn(requestId: string): Promise<boolean>;
  /** Counts a call that was refused against the limits of its caller. */
  countRefusedCall(caller: Caller, scope: AccessKeyScope): Promise<CountedAnswer>;
  /** Reserves what one more call could cost; false where budgets do not take it. */
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
        // Twenty megabytes of images need not come back.
        request: asJson({ ...request, echo: false }),
      }, beginningSchema);
      return withSaid(begun, request);
    },
    voidTurn: (request_id) => call("void_chat_turn", { request_id }, z.boolean()),
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

/** The beginning of a turn with what was said, where the database was asked not to send it back. */
export function withSaid(
  begun: z.infer<typeof beginningSchema>,
  { messages }: Pick<TurnRequest, "messages">,
): Turn | Replay {
  if ("replay" in begun || begun.echoed !== false) return begun;
  const said = messages.slice(messages.length - begun.new_messages);
  return { ...begun, messages: [...begun.messages, ...said] };
}
