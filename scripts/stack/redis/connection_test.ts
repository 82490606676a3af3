import { deepEqual, equal, rejects } from "node:assert/strict";
import { connectRedis } from "./connection.ts";
import { startRedisServer } from "./server.ts";

Deno.test("a connection to Redis opens again after the server has gone and come back", async () => {
  const first = await startRedisServer();
  if (first === null) throw new Error("Cannot find redis-server: install the package of that name");
  const connection = connectRedis(first.port);
  deepEqual(await connection.send([["PING"]]), [{ type: "status", text: "PONG" }]);

  const cutOff = connection.send([["BLPOP", "nothing", "0"], ["PING"]]);
  const refused = rejects(cutOff, /connection/);
  await first.stop();
  await refused;
  await rejects(connection.send([["PING"]]), /refused/i);

  const second = await startRedisServer(first.port);
  equal(second?.port, first.port);
  deepEqual(await connection.send([["PING"]]), [{ type: "status", text: "PONG" }]);
  connection.close();
  await second?.stop();
});

Deno.test("replies go to those who asked, however many ask at once", async () => {
  const server = await startRedisServer();
  if (server === null) {
    throw new Error("Cannot find redis-server: install the package of that name");
  }
  const connection = connectRedis(server.port);
  const asked = Array.from({ length: 500 }, (_, index) => connection.send([["ECHO", `${index}`]]));
  const replies = await Promise.all(asked);
  replies.forEach(([reply], index) => {
    equal(
      reply?.type === "string" && new TextDecoder().decode(reply.bytes ?? undefined),
      `${index}`,
    );
  });
  connection.close();
  await server.stop();
});
