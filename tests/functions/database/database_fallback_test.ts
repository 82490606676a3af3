import { deepEqual, equal, rejects } from "node:assert/strict";
import { ConnectionFailure } from "../../../functions/_shared/database/direct/failure.ts";
import { withFallback } from "../../../functions/_shared/database/fallback.ts";
import type { Transport } from "../../../functions/_shared/database/sql_caller.ts";
import type { LogFields } from "../../../functions/_shared/core/log.ts";

/** Two ways to the database, the first of which can be made to fail. */
function twoWays() {
  let failure: ConnectionFailure | null = null;
  let now = 0;
  const asked: string[] = [];
  const lines: LogFields[] = [];
  const first: Transport = () => {
    asked.push("direct");
    return failure ? Promise.reject(failure) : Promise.resolve("directly");
  };
  const other: Transport = () => {
    asked.push("data api");
    return Promise.resolve("through the Data API");
  };
  const transport = withFallback(first, other, {
    log: (_level, fields) => void lines.push(fields),
    now: () => now,
  });
  return {
    asked,
    lines,
    fail: (next: ConnectionFailure | null) => failure = next,
    pass: (milliseconds: number) => now += milliseconds,
    call: (signal?: AbortSignal) => transport("health_report", {}, signal),
  };
}

const away = new ConnectionFailure("It is away.", { wasNotSent: true });

Deno.test("a call that cannot be sent directly goes through the Data API, which is logged once", async () => {
  const ways = twoWays();
  ways.fail(away);
  equal(await ways.call(), "through the Data API");
  equal(await ways.call(), "through the Data API");
  deepEqual(ways.asked, ["direct", "data api", "data api"]);
  ways.pass(30_000);
  await ways.call();
  deepEqual(ways.lines, [{ event: "database_through_data_api", reason: "It is away." }]);
});

Deno.test("the direct connection is used again when it works", async () => {
  const ways = twoWays();
  ways.fail(away);
  await ways.call();
  ways.fail(null);
  ways.pass(30_000);
  equal(await ways.call(), "directly");
  equal(ways.lines.at(-1)?.event, "database_direct_again");
});

Deno.test("a call that may have been executed is not repeated through the Data API", async () => {
  const ways = twoWays();
  ways.fail(new ConnectionFailure("The connection is lost."));
  await rejects(ways.call(), { name: "ConnectionFailure" });
  deepEqual(ways.asked, ["direct"]);
});

Deno.test("an aborted call is not sent through the Data API", async () => {
  const ways = twoWays();
  ways.fail(away);
  await rejects(ways.call(AbortSignal.abort()), { name: "ConnectionFailure" });
  deepEqual(ways.asked, ["direct"]);
});
