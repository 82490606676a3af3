import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Connection } from "../../../functions/_shared/database/direct/connection.ts";
import { ConnectionFailure } from "../../../functions/_shared/database/direct/failure.ts";
import { createPool, type PoolOptions } from "../../../functions/_shared/database/direct/pool.ts";
import { until } from "../support/redis_faults.ts";

const NEVER = new AbortController().signal;

/** A pool of connections that do nothing. */
function poolOf(size: number, more: Partial<PoolOptions> = {}) {
  const opened: (Connection & { ended: boolean; destroyed: boolean; running: number })[] = [];
  const reports: (string | null)[] = [];
  let failure: ConnectionFailure | null = null;
  let attempts = 0;
  const pool = createPool({
    size,
    report: (failed) => void reports.push(failed?.message ?? null),
    open: () => {
      attempts++;
      if (failure) return Promise.reject(failure);
      const connection = {
        ended: false,
        destroyed: false,
        running: 0,
        isOpen: () => !connection.ended && !connection.destroyed,
        run: () => Promise.resolve({ columns: [], rows: [] }),
        end: () => Promise.resolve(void (connection.ended = true)),
        destroy: () => void (connection.destroyed = true),
      };
      opened.push(connection);
      return Promise.resolve(connection);
    },
    ...more,
  });
  return {
    pool,
    opened,
    reports,
    attempts: () => attempts,
    failWith: (next: ConnectionFailure | null) => failure = next,
    [Symbol.asyncDispose]: () => pool.retire(),
  };
}

const away = new ConnectionFailure("It is away.", { wasNotSent: true });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("the pool opens no more connections than its size, and each serves one call at a time", async () => {
  await using fixture = poolOf(3);
  let most = 0;
  const work = async (connection: Connection) => {
    const used = fixture.opened.find((one) => one === connection);
    if (!used) throw new Error("a connection from elsewhere");
    most = Math.max(most, ++used.running);
    await pause(1);
    used.running--;
  };
  await Promise.all(Array.from({ length: 100 }, () => fixture.pool.run(work, NEVER)));
  deepEqual([fixture.opened.length, most], [3, 1]);
});

Deno.test("the caller that waits longest is served first", async () => {
  await using fixture = poolOf(1);
  const order: number[] = [];
  await Promise.all([0, 1, 2, 3].map((place) =>
    fixture.pool.run(async () => {
      await pause(1);
      order.push(place);
    }, NEVER)
  ));
  deepEqual(order, [0, 1, 2, 3]);
});

Deno.test("a call beyond the queue's length is refused at once", async () => {
  await using fixture = poolOf(1, { limits: { waiting: 2 } });
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = fixture.pool.run(() => promise, NEVER);
  await pause(0);
  const others = [1, 2].map(() => fixture.pool.run(() => Promise.resolve(), NEVER));
  await rejects(fixture.pool.run(() => Promise.resolve(), NEVER), {
    name: "ConnectionFailure",
    code: "53300",
    wasNotSent: true,
  });
  resolve();
  await Promise.all([first, ...others]);
});

Deno.test("a call waits for a connection for a bounded time", async () => {
  await using fixture = poolOf(1, { limits: { waitMs: 20 } });
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = fixture.pool.run(() => promise, NEVER);
  await rejects(fixture.pool.run(() => Promise.resolve(), NEVER), { code: "53300" });
  resolve();
  await first;
});

Deno.test("an aborted signal ends waiting, and leaves the connection to the next call", async () => {
  await using fixture = poolOf(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = fixture.pool.run(() => promise, NEVER);
  const given = fixture.pool.run(() => Promise.resolve("too late"), AbortSignal.timeout(5));
  await rejects(given, { name: "ConnectionFailure", wasNotSent: true });
  resolve();
  await first;
  equal(await fixture.pool.run(() => Promise.resolve("next"), NEVER), "next");
  equal(fixture.opened.length, 1);
});

Deno.test("an aborted signal ends a call, whose connection is dropped and replaced", async () => {
  await using fixture = poolOf(1);
  const { promise, reject } = Promise.withResolvers<never>();
  const stuck = fixture.pool.run((connection) => {
    const { destroy } = connection;
    connection.destroy = () => {
      destroy();
      reject(new Error("dropped"));
    };
    return promise;
  }, AbortSignal.timeout(5));
  await rejects(stuck, { name: "ConnectionFailure", wasNotSent: false });
  equal(await fixture.pool.run(() => Promise.resolve("next"), NEVER), "next");
  deepEqual(fixture.opened.map(({ destroyed }) => destroyed), [true, false]);
});

Deno.test("while no connection can be made, calls fail with the reason, it is logged once, and attempts are few", async () => {
  await using fixture = poolOf(4, { limits: { retryWaitMs: 10 } });
  fixture.failWith(away);
  for (let calls = 0; calls < 50; calls++) {
    await rejects(fixture.pool.run(() => Promise.resolve(), NEVER), { message: "It is away." });
  }
  ok(fixture.attempts() < 10, `${fixture.attempts()} attempts`);
  deepEqual(fixture.reports, ["It is away."]);

  fixture.failWith(null);
  await until(() => fixture.pool.run(() => Promise.resolve(true), NEVER).catch(() => false));
  deepEqual(fixture.reports, ["It is away.", null]);
});

Deno.test("a refused password is not tried again for a while", async () => {
  await using fixture = poolOf(4);
  fixture.failWith(new ConnectionFailure("No.", { wasNotSent: true, isRefused: true }));
  for (let calls = 0; calls < 20; calls++) {
    await rejects(fixture.pool.run(() => Promise.resolve(), NEVER), { message: "No." });
  }
  equal(fixture.attempts(), 1);
});

Deno.test("when the server has no connection left, calls share the open ones", async () => {
  await using fixture = poolOf(4);
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = fixture.pool.run(() => promise, NEVER);
  await pause(0);
  fixture.failWith(away);
  const others = [1, 2, 3].map((value) => fixture.pool.run(() => Promise.resolve(value), NEVER));
  await pause(20);
  resolve();
  deepEqual(await Promise.all([first, ...others]), [undefined, 1, 2, 3]);
  equal(fixture.opened.length, 1);
});

Deno.test("a connection that broke while idle is not used", async () => {
  await using fixture = poolOf(2);
  await fixture.pool.run(() => Promise.resolve(), NEVER);
  fixture.opened[0]?.destroy();
  await fixture.pool.run((connection) => Promise.resolve(ok(connection.isOpen())), NEVER);
  equal(fixture.opened.length, 2);
});

Deno.test("an idle connection is closed after a while", async () => {
  await using fixture = poolOf(2, { limits: { idleMs: 10 } });
  await fixture.pool.run(() => Promise.resolve(), NEVER);
  equal(fixture.opened[0]?.ended, false);
  await until(() => fixture.opened[0]?.ended === true);
});

Deno.test("a retired pool closes its idle connections, and still serves calls", async () => {
  await using fixture = poolOf(2);
  await fixture.pool.run(() => Promise.resolve(), NEVER);
  await fixture.pool.retire();
  equal(fixture.opened[0]?.ended, true);
  equal(await fixture.pool.run(() => Promise.resolve("settled"), NEVER), "settled");
  equal(fixture.opened[1]?.ended, true);
});
