/**
 * A process that hosts all functions, as one machine of several does. It finds what the functions need
 * in its environment, listens on the port of its only argument and says so; SIGTERM lets open
 * requests finish.
 */
import { pathInProject } from "../../common/path-in-project.ts";
import { loadFunctions } from "../../stack/functions-host/functions-host.ts";

/** Time that open requests get at the end, in milliseconds. */
const drainPatience = 10_000;

const functions = await loadFunctions({
  folder: pathInProject("functions"),
  environment: {},
  report: (line) => console.log(line),
});
const server = Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => {} },
  (request, { remoteAddr }) =>
    // Only the balancer calls it, and knows for whom.
    functions.fetch(request, request.headers.get("x-forwarded-for") ?? remoteAddr.hostname),
);
Deno.addSignalListener("SIGTERM", async () => {
  await functions.drain(drainPatience);
  await server.shutdown();
  Deno.exit(0);
});
console.log("ready");
