import { deepEqual, equal } from "node:assert/strict";
import { HELLO, startChat } from "../support/chat_fixture.ts";
import { completion } from "../support/upstream_server.ts";

const UUID = "d0000000-0000-4000-8000-000000000001";

Deno.test("a request names the execution that its turn is part of", async () => {
  await using chat = startChat(() => completion("hi"));
  const ask = async (headers: Record<string, string>) => {
    const response = await chat.post(HELLO, headers);
    equal(response.status, 200, await response.text());
    return chat.database.turns.at(-1)?.request.execution;
  };
  const nowhere = { workflow_id: null, parent_node_id: null };
  equal(await ask({}), null);
  equal(await ask({ "x-execution-id": "" }), null);
  deepEqual(await ask({ "x-execution-id": UUID }), { ...nowhere, id: UUID });
  deepEqual(
    await ask({ "x-workflow-id": UUID, "x-execution-id": "41", "x-parent-node-id": "plan" }),
    { workflow_id: UUID, id: "41", parent_node_id: "plan" },
  );
});

Deno.test("headers that name no execution are refused before a turn begins", async () => {
  await using chat = startChat(() => completion("hi"));
  const cases: [Record<string, string>, string][] = [
    [{ "x-execution-id": "41" }, "x-execution-id"],
    [{ "x-workflow-id": "hourly", "x-execution-id": "41" }, "x-workflow-id"],
    [{ "x-workflow-id": UUID, "x-execution-id": "4".repeat(256) }, "x-execution-id"],
    [{ "x-workflow-id": UUID }, "x-workflow-id"],
    [{ "x-parent-node-id": "plan" }, "x-parent-node-id"],
    [{ "x-execution-id": UUID, "x-parent-node-id": "p".repeat(101) }, "x-parent-node-id"],
  ];
  for (const [headers, param] of cases) {
    const response = await chat.post(HELLO, headers);
    const { error } = await response.json();
    deepEqual([response.status, error.code, error.param], [400, "invalid_value", param]);
  }
  equal(chat.database.turns.length, 0);
});
