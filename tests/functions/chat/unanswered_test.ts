import { deepEqual, equal, match } from "node:assert/strict";
import {
  databaseError,
  DatabaseUnavailable,
} from "../../../functions/_shared/database/database_error.ts";
import { ConnectionFailure } from "../../../functions/_shared/database/direct/failure.ts";
import { HELLO, startChat } from "../support/chat_fixture.ts";
import { completion } from "../support/upstream_server.ts";

const lost = () => databaseError(new ConnectionFailure("The connection is lost."), 0);

/**
 * A chat function whose calls to begin a turn get no answer, with the background work of its host.
 */
function startUnanswered(error: () => Error, began: boolean) {
  const chat = startChat(() => completion("hi"), {
    limits: { settleBackoffMs: 1, statementMs: 1 },
  });
  const begin = chat.database.beginTurn;
  const work: Promise<unknown>[] = [];
  chat.deps.lifetime.waitUntil = (promise) => void work.push(promise);
  chat.database.beginTurn = async (caller, request) => {
    if (began) await begin(caller, request);
    throw error();
  };
  return { chat, work, begin };
}

Deno.test("a turn whose begin was not answered is voided after the error is sent", async () => {
  const { chat, work, begin } = startUnanswered(lost, true);
  await using _ = chat;
  let failures = 2;
  const { voidTurn } = chat.database;
  chat.database.voidTurn = (id) => failures-- > 0 ? Promise.reject(lost()) : voidTurn(id);
  const response = await chat.post(HELLO);
  equal(response.status, 503);
  equal((await response.json()).error.code, "database_unavailable");
  await Promise.all(work);
  deepEqual(chat.database.voided, [response.headers.get("x-request-id")], "after the outage, once");
  match(chat.database.voided[0] ?? "", /^req_/);
  equal(chat.upstream.received.length, 0, "calls of the vendor");
  const line = chat.lines.find(({ event }) => event === "turn_unanswered");
  deepEqual([line?.request_id, line?.voided], [chat.database.voided[0], true]);

  chat.database.beginTurn = begin;
  equal((await chat.post(HELLO)).status, 200, "the next request is answered");
});

Deno.test("a begin that may still run is voided again when it must have ended", async () => {
  const { chat, work } = startUnanswered(lost, false);
  await using _ = chat;
  await (await chat.post(HELLO)).body?.cancel();
  await Promise.all(work);
  equal(chat.database.voided.length, 2);
});

Deno.test("a turn that certainly did not begin is not voided", async () => {
  for (
    const error of [
      () => databaseError(new ConnectionFailure("Refused.", { wasNotSent: true }), 0),
      () => databaseError({ message: "TypeError: error: client error (Connect): refused" }, 0),
      () => databaseError({ code: "55P03", message: "lock not available" }, 500),
      () => databaseError({ code: "PGRST000", message: "no connection" }, 503),
      () => databaseError({ code: "PT402", details: "budget_exceeded", message: "Full." }, 402),
    ]
  ) {
    const { chat, work } = startUnanswered(error, false);
    await using _ = chat;
    await (await chat.post(HELLO)).body?.cancel();
    await Promise.all(work);
    deepEqual(chat.database.voided, [], error().message);
  }
});

Deno.test("an outage error says whether the call may have been executed", () => {
  const cases: [error: unknown, status: number, wasNotDone: boolean][] = [
    [new ConnectionFailure("lost"), 0, false],
    [new ConnectionFailure("refused", { wasNotSent: true }), 0, true],
    [{ message: "TypeError: connection closed" }, 0, false],
    [{ message: "" }, 502, false],
    [{ code: "57P01", message: "terminating connection" }, 500, false],
    [{ code: "08006", message: "connection lost" }, 500, false],
    [{ code: "57014", message: "canceling statement" }, 500, true],
    [{ code: "40P01", message: "deadlock detected" }, 500, true],
    [{ code: "PGRST001", message: "Database client error. Retrying the connection." }, 503, false],
    [{ code: "PGRST003", message: "Timed out acquiring connection" }, 504, true],
  ];
  for (const [error, status, wasNotDone] of cases) {
    const mapped = databaseError(error, status);
    equal(mapped instanceof DatabaseUnavailable && mapped.wasNotDone, wasNotDone);
    equal(mapped.status, 503);
  }
});
