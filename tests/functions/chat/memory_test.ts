import { equal, ok } from "node:assert/strict";
import { handleChat } from "../../../functions/chat/handler.ts";
import { HELLO, startChat } from "../support/chat_fixture.ts";
import { chunk, data, stream, usageChunk } from "../support/upstream_server.ts";

const MEGABYTE = 1024 * 1024;

/** Reads a kilobyte a second from a socket, slowly but often enough to count as connected. */
async function readSlowly(
  connection: Deno.TcpConn,
  body: string,
  seconds: number,
): Promise<void> {
  const head = [
    "POST /chat/completions HTTP/1.1",
    "host: 127.0.0.1",
    "content-type: application/json",
    `content-length: ${body.length}`,
  ];
  await connection.write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n${body}`));
  const buffer = new Uint8Array(1024);
  for (let second = 0; second < seconds; second++) {
    ok(await connection.read(buffer), "the answer goes on");
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

Deno.test("forty megabytes for a client that reads a kilobyte a second are not buffered", async () => {
  let sent = 0;
  const part = chunk({ content: "x".repeat(16 * 1024) });
  const parts = Array.from({ length: 4 * 640 }, () => [
    () => Promise.resolve(void (sent += part.length)),
    part,
  ]).flat();
  await using chat = startChat(
    () => stream(...parts, chunk({}, { finish_reason: "stop" }), usageChunk(1, 9), data("[DONE]")),
    { limits: { clientStallMs: 60_000 } },
  );
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => handleChat(request, chat.deps),
  );
  const before = Deno.memoryUsage().rss;
  const body = JSON.stringify({ ...HELLO, stream: true });
  // Closed whatever happens: the server waits for its clients.
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  await readSlowly(connection, body, 4);
  const grown = Deno.memoryUsage().rss - before;
  ok(grown < 64 * MEGABYTE, `${(grown / MEGABYTE).toFixed(1)} MB more`);
  // The sockets on the way hold some, up to six each; the rest was never taken from the provider.
  ok(sent < 30 * MEGABYTE, `${(sent / MEGABYTE).toFixed(1)} MB were sent`);
  equal(chat.database.turns[0]?.outcomes.length, 0, "the turn goes on");
  connection.close();
  const { state, error } = await chat.database.settled();
  equal(state, "partial");
  equal(error?.code, "client_disconnected");
});
