import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { type FunctionsHost, loadFunctions } from "./functions-host.ts";

const echo = `
  export default {
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      return Response.json({
        path: pathname + search,
        body: await request.text(),
        from: request.headers.get("cf-connecting-ip"),
        given: Deno.env.get("FUNCTIONS_HOST_TEST"),
      });
    },
  };`;

const background = `
  export default {
    fetch() {
      EdgeRuntime.waitUntil(new Promise((resolve) => {
        EdgeRuntime.shutdownSignal.addEventListener("abort", () => {
          setTimeout(() => {
            globalThis.functionsHostTest = "finished";
            resolve();
          }, 50);
        });
      }));
      EdgeRuntime.waitUntil(Promise.reject(new Error("lost in the background")));
      return new Response("begun");
    },
  };`;

interface Fixture {
  host: FunctionsHost;
  reports: string[];
  call(path: string, init?: RequestInit): Promise<Response>;
}

async function withFunctions(test: (fixture: Fixture) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-" });
  const reports: string[] = [];
  try {
    const sources = {
      echo,
      background,
      broken: "export default { serve: true };",
      crashing: `export default { fetch() { throw new Error("out of order"); } };`,
      _shared: echo,
    };
    for (const [name, source] of Object.entries(sources)) {
      await Deno.mkdir(join(folder, name));
      await Deno.writeTextFile(join(folder, name, "index.ts"), source);
    }
    await Deno.mkdir(join(folder, "empty"));
    const host = await loadFunctions({
      folder,
      environment: { FUNCTIONS_HOST_TEST: "yes" },
      report: (line) => reports.push(line),
    });
    const call = (path: string, init?: RequestInit) =>
      host.fetch(new Request(`http://127.0.0.1/functions/v1/${path}`, init), "127.0.0.9");
    await test({ host, reports, call });
  } finally {
    Deno.env.delete("FUNCTIONS_HOST_TEST");
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a function gets the path with its own name first, its environment and the caller's address", async () => {
  await withFunctions(async ({ host, call }) => {
    deepEqual(host.names, ["background", "crashing", "echo"]);
    const headers = { "cf-connecting-ip": "192.0.2.1" };
    const response = await call("/echo//a%2Fb?c=d", { method: "POST", headers, body: "text" });
    deepEqual(await response.json(), {
      path: "/echo/a%2Fb?c=d",
      body: "text",
      from: "127.0.0.9",
      given: "yes",
    });
  });
});

Deno.test("a function that is missing, does not load or throws has a distinct answer", async () => {
  await withFunctions(async ({ call, reports }) => {
    const expected = [
      ["nothing", 404, "NOT_FOUND"],
      ["_shared", 404, "NOT_FOUND"],
      ["empty", 404, "NOT_FOUND"],
      ["broken/x", 503, "BOOT_ERROR"],
      ["crashing", 500, "WORKER_ERROR"],
    ] as const;
    for (const [path, status, code] of expected) {
      const response = await call(path);
      deepEqual([response.status, (await response.json()).code], [status, code], path);
      equal(response.headers.get("access-control-allow-origin"), "*");
      if (code === "WORKER_ERROR") continue;
      const preflight = await call(path, { method: "OPTIONS" });
      deepEqual(
        [preflight.status, preflight.headers.get("access-control-allow-origin")],
        [204, "*"],
      );
    }
    equal(reports.filter((line) => line.includes(`"broken"`)).length, 1);
    ok(reports.includes("functions/crashing: out of order"));
  });
});

Deno.test("a stop notifies the functions, waits for their work, and accepts no new request", async () => {
  await withFunctions(async ({ host, call, reports }) => {
    equal(await (await call("background")).text(), "begun");
    await host.drain(5000);
    equal(Reflect.get(globalThis, "functionsHostTest"), "finished");
    ok(reports.includes("functions: lost in the background"));
    const late = await call("echo");
    deepEqual([late.status, (await late.json()).code], [503, "SHUTTING_DOWN"]);
    Reflect.deleteProperty(globalThis, "functionsHostTest");
  });
});
