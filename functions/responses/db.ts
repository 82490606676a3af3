import { z } from "zod";
import type { AccessKeyGuard } from "../_shared/auth/access_key_guard.ts";
import { type Caller, callerArgument } from "../_shared/auth/caller.ts";
import { asJson } from "../_shared/database/client.ts";
import type { SqlCaller } from "../_shared/database/sql_caller.ts";
import type { ChatMessage } from "../_shared/gateway/formats/openai_responses/conversation.ts";
import {
  type StoredResponse,
  storedResponseSchema,
} from "../_shared/gateway/formats/openai_responses/stored.ts";
import { storable } from "../_shared/gateway/settle/outcome.ts";

const messageSchema = z.looseObject({ role: z.string() });
const listedSchema = z.array(z.object({ id: z.string(), message: messageSchema }));
const inputSchema = z.object({ asked: z.looseObject({}), messages: listedSchema });
const eventsSchema = z.object({
  events: z.array(z.looseObject({ type: z.string(), sequence_number: z.int() })),
  is_kept: z.boolean(),
  response: storedResponseSchema,
});

/** A message from which items are made; an answer has the id of its turn. */
export interface ListedMessage {
  id: string;
  message: ChatMessage;
}

/** The requested messages of an input. */
export interface Paging {
  order: "asc" | "desc";
  limit: number;
  /** The id of a message, which is returned first. */
  after: string | null;
}

/** A background response, as the database has it. */
export type StoredEvents = z.infer<typeof eventsSchema>;

/** The database calls of the function `responses` beside those of its turns. */
export interface ResponsesDatabase {
  /** @throws {ApiError} 404 `response_not_found`. */
  find(caller: Caller, turnId: string): Promise<StoredResponse>;
  /** @throws {ApiError} 404 `response_not_found`. */
  delete(caller: Caller, turnId: string): Promise<boolean>;
  /** @throws {ApiError} 400 `response_not_cancellable`, 404 `response_not_found`. */
  cancel(caller: Caller, turnId: string): Promise<StoredResponse>;
  /** @throws {ApiError} 404 `response_not_found`. */
  input(caller: Caller, turnId: string, paging: Paging): Promise<z.infer<typeof inputSchema>>;
  /** The caller's messages among these ids. */
  items(caller: Caller, ids: readonly string[]): Promise<ListedMessage[]>;
  /** Stores the next events; returns whether the response should continue. */
  append(turnId: string, first: number, events: readonly object[]): Promise<boolean>;
  /** @throws {ApiError} 404 `response_not_found`. */
  events(caller: Caller, turnId: string, after: number): Promise<StoredEvents>;
}

/**
 * The calls.
 *
 * @param guard Calls the database for callers whom it may refuse.
 */
export function responsesDatabase(
  call: SqlCaller,
  guard: Pick<AccessKeyGuard, "ask">,
): ResponsesDatabase {
  const about = (caller: Caller, turn_id: string) => ({ caller: callerArgument(caller), turn_id });
  return {
    find: (caller, turnId) =>
      guard.ask(
        caller,
        () => call("find_response", about(caller, turnId), storedResponseSchema),
      ),
    delete: (caller, turnId) =>
      guard.ask(caller, () => call("delete_response", about(caller, turnId), z.boolean())),
    cancel: (caller, turnId) =>
      guard.ask(
        caller,
        () => call("cancel_response", about(caller, turnId), storedResponseSchema),
      ),
    input: (caller, turnId, paging) =>
      guard.ask(caller, () =>
        call(
          "list_response_input",
          { ...about(caller, turnId), paging: asJson(paging) },
          inputSchema,
        )),
    items: (caller, ids) =>
      guard.ask(caller, () =>
        call(
          "find_response_items",
          { caller: callerArgument(caller), ids: [...ids] },
          listedSchema,
        )),
    append: (turn_id, first_number, events) =>
      call(
        "append_response_events",
        { turn_id, first_number, events: asJson(storable(events)) },
        z.boolean(),
      ),
    events: (caller, turnId, after) =>
      guard.ask(
        caller,
        () => call("list_response_events", { ...about(caller, turnId), after }, eventsSchema),
      ),
  };
}
