import { deepEqual, equal, notEqual, ok, rejects } from "node:assert/strict";
import { ErrorReply } from "@redis/client";
import { freePort } from "../../common/free-port.ts";
import { connectRedis } from "./connection.ts";
import { type RedisServer, startRedisServer } from "./server.ts";

async function start(port?: number): Promise<RedisServer> {
  const server = await startRedisServer(port);
  if (server === null) {
    throw new Error("Cannot find redis-server: install the package of that name");
  }
  return server;
}

Deno.test("a connection to Redis reopens after a restart of the server", async () => {
  const port = freePort();
  const first = await start(port);
  const connection = connectRedis(first.url);
  deepEqual(await connection.send([["PING"]]), ["PONG"]);

  const cutOff = connection.send([["BLPOP", "nothing", "0"], ["PING"]]);
  const refused = rejects(cutOff, /Socket closed/);
  await first.stop();
  await refused;
  await rejects(connection.send([["PING"]]), /refused/i);

  const password = new URL(first.url).password;
  const second = await start(port);
  // A new server has another password; the old one is given to it for this test.
  const operator = connectRedis(second.url);
  deepEqual(await operator.send([["CONFIG", "SET", "requirepass", password]]), ["OK"]);
  deepEqual(await connection.send([["PING"]]), ["PONG"]);
  connection.close();
  operator.close();
  await second.stop();
});

Deno.test("each of many concurrent commands gets its own reply", async () => {
  const server = await start();
  const connection = connectRedis(server.url);
  const asked = Array.from({ length: 500 }, (_, index) => connection.send([["ECHO", `${index}`]]));
  const replies = await Promise.all(asked);
  replies.forEach(([reply], index) => equal(String(reply), `${index}`));
  connection.close();
  await server.stop();
});

Deno.test("a local Redis requires its password, which no process list shows", async () => {
  const server = await start();
  const { password } = new URL(server.url);
  ok(password.length >= 32);
  for (const wrong of ["", "redis", password.slice(1)]) {
    const url = new URL(server.url);
    url.password = wrong;
    const connection = connectRedis(url.href);
    const answered = connection.send([["KEYS", "*"]]).then(([reply]) => {
      ok(reply instanceof ErrorReply);
      return reply.message;
    }, (error) => error.message);
    ok(/NOAUTH|WRONGPASS/.test(await answered), wrong);
    connection.close();
  }
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "args"] }).output();
  const processes = new TextDecoder().decode(stdout);
  notEqual(processes.indexOf("redis-server"), -1);
  equal(processes.indexOf(password), -1);
  await server.stop();
});
