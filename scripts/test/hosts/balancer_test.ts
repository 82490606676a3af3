import { deepEqual, equal } from "node:assert/strict";
import { freePort } from "../../common/free-port.ts";
import { startBalancer } from "./balancer.ts";

function startBackend(name: string): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => new Response(`${name} ${await request.text()}`),
  );
}

Deno.test("requests go to the hosts in turn, and skip a host that is down", async () => {
  await using first = startBackend("first");
  await using second = startBackend("second");
  const down = `http://127.0.0.1:${freePort()}`;
  const urls = [first, second].map(({ addr }) => `http://127.0.0.1:${addr.port}`);
  await using balancer = startBalancer([...urls, down]);
  const ask = async () => await (await fetch(balancer.url, { method: "POST", body: "x" })).text();
  const answers = [await ask(), await ask(), await ask(), await ask()];
  deepEqual(answers, ["first x", "second x", "first x", "first x"]);
});

Deno.test("without a running host the answer is 502", async () => {
  await using balancer = startBalancer([`http://127.0.0.1:${freePort()}`]);
  const answer = await fetch(balancer.url);
  await answer.body?.cancel();
  equal(answer.status, 502);
});
