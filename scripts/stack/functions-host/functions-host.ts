import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { preflight } from "../preflight.ts";
import { createBackgroundWork } from "./background-work.ts";
import { settledWithin } from "../process/settled-within.ts";

/** What the host needs to know. */
export interface FunctionsHostOptions {
  /** Folder with one folder for each function. */
  folder: string;
  /** Environment variables that the functions find, beside those of this process. */
  environment: Record<string, string>;
  /** Prints a line for the person at the terminal. */
  report: (line: string) => void;
}

/** Functions, loaded and ready. */
export interface FunctionsHost {
  /** Names of the functions that were loaded. */
  names: string[];
  /** Answers `/functions/v1/<name>/…`. */
  fetch(request: Request, peerAddress: string | null): Promise<Response>;
  /** Refuses new requests, tells the functions to finish, and waits for them. */
  drain(milliseconds: number): Promise<void>;
}

type Handler = (request: Request) => Response | Promise<Response>;

const prefix = "/functions/v1/";

/** The module of a function: `export default { fetch }`. */
const moduleSchema = z.object({
  default: z.object({
    fetch: z.custom<Handler>((value) => typeof value === "function", "no default export { fetch }"),
  }),
});

/**
 * Loads every function of a folder into this process and serves them as the platform does: a function
 * sees a path that begins with its own name, and may hand promises to `EdgeRuntime.waitUntil`.
 *
 * A function that cannot be loaded is reported and answers 503; the others work.
 */
export async function loadFunctions(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const { folder, environment, report } = options;
  for (const [name, value] of Object.entries(environment)) Deno.env.set(name, value);

  const work = createBackgroundWork((error) => report(`functions: ${messageOf(error)}`));
  const stopping = new AbortController();
  Object.assign(globalThis, {
    EdgeRuntime: {
      waitUntil: (promise: Promise<unknown>) => work.add(promise),
      shutdownSignal: stopping.signal,
    },
  });

  const handlers = await loadHandlers(folder, report);

  return {
    names: [...handlers].filter(([, handler]) => handler !== null).map(([name]) => name),
    async fetch(request, peerAddress) {
      const url = new URL(request.url);
      // A base URL that ends with a slash makes two.
      url.pathname = url.pathname.replaceAll(/\/{2,}/g, "/");
      const name = url.pathname.slice(prefix.length).split("/")[0] ?? "";
      const handler = handlers.get(name);
      // A function answers its own; without one, a page must still be able to read the refusal.
      if (request.method === "OPTIONS" && !handler) return preflight(request);
      if (handler === undefined) return refusal(404, "NOT_FOUND", notFound(name, handlers));
      if (handler === null) {
        return refusal(503, "BOOT_ERROR", `Function failed to start (see the stack's terminal)`);
      }
      if (stopping.signal.aborted) {
        return refusal(503, "SHUTTING_DOWN", "The stack is stopping");
      }
      url.pathname = url.pathname.slice(prefix.length - 1);
      const headers = new Headers(request.headers);
      // A client's own value is ignored: the platform's proxy overwrites it as well.
      headers.delete("cf-connecting-ip");
      if (peerAddress !== null) headers.set("cf-connecting-ip", peerAddress);
      // Without the signal, which Deno also aborts after an answer was delivered in full.
      const { method, body } = request;
      const answer = Promise.resolve(new Request(url, { method, headers, body })).then(handler);
      // Until a request passes work to waitUntil(), its answer is the only work to wait for.
      work.add(answer.then(() => {}, () => {}));
      try {
        return await answer;
      } catch (error) {
        report(`functions/${name}: ${messageOf(error)}`);
        return refusal(500, "WORKER_ERROR", "Function exited due to an error");
      }
    },
    async drain(milliseconds) {
      stopping.abort();
      await settledWithin(work.settled(), milliseconds);
      if (work.size() > 0) {
        report(`functions: ${work.size()} not finished in time, left to the next start`);
      }
    },
  };
}

/** Each function's handler; null for one that cannot be loaded, which is reported. */
async function loadHandlers(
  folder: string,
  report: (line: string) => void,
): Promise<Map<string, Handler | null>> {
  const handlers = new Map<string, Handler | null>();
  for (const name of await functionNames(folder)) {
    try {
      const url = pathToFileURL(join(folder, name, "index.ts")).href;
      const module = moduleSchema.parse(await import(url));
      handlers.set(name, module.default.fetch);
    } catch (error) {
      handlers.set(name, null);
      report(`Cannot load the function "${name}": ${messageOf(error)}`);
    }
  }
  return handlers;
}

async function functionNames(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (!entry.isDirectory || entry.name.startsWith("_")) continue;
    const hasIndex = await Deno.stat(join(folder, entry.name, "index.ts")).then(
      () => true,
      () => false,
    );
    if (hasIndex) names.push(entry.name);
  }
  return names.sort();
}

function notFound(name: string, handlers: ReadonlyMap<string, Handler | null>): string {
  return `Cannot find the function "${name.slice(0, 100)}". These exist: ${
    [...handlers.keys()].join(", ")
  }.`;
}

/** A refusal as the platform writes it, and as clients of OpenAI's API read it. */
function refusal(status: number, code: string, message: string): Response {
  const type = status < 500 ? "invalid_request_error" : "server_error";
  const error = { message, type, param: null, code: code.toLowerCase() };
  return Response.json({ code, message, error }, {
    status,
    headers: { "access-control-allow-origin": "*" },
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
