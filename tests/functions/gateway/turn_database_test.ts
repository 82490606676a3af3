import { deepEqual } from "node:assert/strict";
import { createSqlCaller } from "../../../functions/_shared/database/sql_caller.ts";
import {
  turnDatabase,
  type TurnRequest,
} from "../../../functions/_shared/gateway/turn_database.ts";
import { route } from "../support/memory_database.ts";

const request: TurnRequest = {
  request_id: "req_1",
  kind: "chat",
  model: null,
  session_id: null,
  title: null,
  messages: [{ role: "user", content: "now" }],
  other_bytes: 0,
  other_tokens: 0,
  max_output_tokens: null,
  execution: null,
  idempotency_key: null,
  fingerprint: null,
  rate_limit: false,
  counted_limits: null,
};

/** Begins the request against a database that answers as given. */
async function begin(answer: object) {
  const asked: unknown[] = [];
  const call = createSqlCaller((_name, args) => {
    asked.push(args);
    const begun = { turn_id: crypto.randomUUID(), model: "m", routes: [route()], defaults: {} };
    return Promise.resolve({ ...begun, ...answer });
  });
  const turn = await turnDatabase(call).beginTurn({ userId: "alice" }, request);
  return { asked, messages: "messages" in turn ? turn.messages : null };
}

const system = { role: "system", content: "Be brief." };

Deno.test("messages are sent to the database once, and appended to the history that it returns", async () => {
  const { asked, messages } = await begin({ messages: [system], new_messages: 1, echoed: false });
  deepEqual(asked, [{ caller: { user_id: "alice" }, request: { ...request, echo: false } }]);
  deepEqual(messages, [system, ...request.messages]);
});

Deno.test("the history that the database returns is used unchanged", async () => {
  const said = { role: "user", content: "said before" };
  const { messages } = await begin({ messages: [system, said], new_messages: 1, echoed: true });
  deepEqual(messages, [system, said]);
});
