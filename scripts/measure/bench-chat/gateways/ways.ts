import { join } from "node:path";
import { pathInProject } from "../../../common/path-in-project.ts";
import type { Workspace } from "../../../common/workspace.ts";
import { startChild } from "../../common/child-process.ts";
import type { Send } from "../load/closed-loop.ts";
import { requestBody } from "../question.ts";
import { type Portkey, portkeyHeaders, startPortkey } from "./portkey.ts";
import { type BenchStack, startBenchStack } from "./stack.ts";

/** Ways from a client to the model. */
export const ways = ["direct", "agentbase", "naive", "portkey"] as const;

/** A way from a client to the model. */
export type Way = typeof ways[number];

/** All ways, open. */
export interface Ways {
  stack: BenchStack;
  portkey: Portkey;
  /** Id of the process that is the naive gateway. */
  naivePid: number;
  /** Sends a request this way, streamed or not. */
  senders: Record<Way, (stream: boolean) => Send>;
}

/** Starts a model that echoes, Portkey's gateway and a stack, for so many clients at most. */
export async function openWays(
  clients: number,
  context: { workspace: Workspace; installFolder: string; note: (line: string) => void },
): Promise<Ways> {
  const { workspace, installFolder, note } = context;
  const upstream = startChild(workspace, {
    name: "the echo model",
    program: Deno.execPath(),
    args: ["run", "--allow-net", pathInProject("scripts/measure/bench-chat/load/echo-upstream.ts")],
  });
  const upstreamUrl = await upstream.line((line) => line.startsWith("http://"));
  const portkey = await startPortkey(workspace, installFolder, note);
  note("  starting a stack of its own");
  const stack = await startBenchStack(workspace, {
    folder: join(await workspace.folder("stack"), "data"),
    upstreamUrl,
    clients,
  });
  const { environment, tokens, models } = stack;
  const naive = startChild(workspace, {
    name: "the naive gateway",
    program: Deno.execPath(),
    args: [
      "run",
      "--allow-all",
      pathInProject("scripts/measure/bench-chat/gateways/naive-gateway.ts"),
      upstreamUrl,
      environment.DB_URL,
    ],
  });
  const naiveUrl = await naive.line((line) => line.startsWith("http://"));
  return {
    stack,
    portkey,
    naivePid: naive.pid,
    senders: {
      direct: (stream) =>
        sendTo(`${upstreamUrl}/chat/completions`, () => ({}), () => "echo-1", stream),
      naive: (stream) => sendTo(`${naiveUrl}/chat/completions`, () => ({}), () => "echo-1", stream),
      portkey: (stream) =>
        sendTo(
          `${portkey.baseUrl}/chat/completions`,
          () => portkeyHeaders(upstreamUrl),
          () => "echo-1",
          stream,
        ),
      agentbase: (stream) =>
        sendTo(
          `${environment.FUNCTIONS_URL}/chat/completions`,
          (client) => ({ authorization: `Bearer ${tokens[client]}` }),
          (client) => models[client] ?? "",
          stream,
        ),
    },
  };
}

/** Sends the benchmark's request to an address, each client with its own headers and model. */
export function sendTo(
  url: string,
  headers: (client: number) => Record<string, string>,
  model: (client: number) => string,
  stream: boolean,
): Send {
  return (client) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers(client) },
      body: requestBody(model(client), stream),
    });
}
