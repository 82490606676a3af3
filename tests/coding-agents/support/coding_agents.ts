import { ok } from "node:assert/strict";
import { join } from "node:path";
import {
  type Answer,
  chunk,
  data,
  stream,
  type UpstreamServer,
  usageChunk,
} from "../../functions/support/upstream_server.ts";
import { stack } from "../../e2e/support/stack.ts";

/** What an agent is given. */
export interface Access {
  /** The base address for clients of OpenAI's API. */
  url: string;
  secret: string;
  model: string;
}

/** A coding agent: how it is asked one question, and with which access. */
export interface CodingAgent {
  /** What runs in Node. */
  program: string;
  args(access: Access, question: string): string[];
  env(access: Access, home: string): Record<string, string>;
  /** The tool that runs a command, and what it is called with. */
  tool: string;
  command(text: string): object;
  /** Whether it asks for its conversations to be stored. */
  isStored: boolean;
}

/** OpenAI's, which calls `/responses`. */
export const codex: CodingAgent = {
  program: "@openai/codex/bin/codex.js",
  args: ({ url, model }, question) => {
    const provider = `{name="agentbase",base_url="${url}",env_key="ACCESS_KEY",` +
      'wire_api="responses"}';
    return [
      ...["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"],
      ...["-m", model, "-c", 'model_provider="agentbase"'],
      ...["-c", `model_providers.agentbase=${provider}`, question],
    ];
  },
  env: ({ secret }, home) => ({ ACCESS_KEY: secret, CODEX_HOME: home }),
  tool: "exec_command",
  command: (cmd) => ({ cmd }),
  isStored: false,
};

/** Anthropic's, which calls `/v1/messages`. */
export const claudeCode: CodingAgent = {
  program: "@anthropic-ai/claude-code/cli-wrapper.cjs",
  args: ({ model }, question) => ["-p", question, "--model", model, "--allowedTools", "Bash"],
  env: ({ url, secret }, home) => ({
    ANTHROPIC_BASE_URL: url.replace(/\/v1$/, ""),
    ANTHROPIC_API_KEY: secret,
    CLAUDE_CONFIG_DIR: home,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  }),
  tool: "Bash",
  command: (command) => ({ command, description: "Reads a file" }),
  isStored: true,
};

/** How a run ended. */
export interface Run {
  code: number;
  /** All that was printed. */
  said: string;
  /** How often the agent called for an answer. */
  calls: number;
}

/** Asks an agent one question in a folder of its own, which has the file `marker.txt`. */
export async function ask(
  agent: CodingAgent,
  access: Omit<Access, "url">,
  question: string,
): Promise<Run> {
  const installed = Deno.env.get("INSTALLED_PROGRAMS");
  ok(installed, "INSTALLED_PROGRAMS says where the agents are installed");
  const home = await Deno.makeTempDir();
  const work = await Deno.makeTempDir();
  await Deno.writeTextFile(join(work, "marker.txt"), MARKER);
  await using counter = startCounter();
  const given = { ...access, url: counter.url };
  const { code, stdout, stderr } = await new Deno.Command("node", {
    args: [join(installed, "node_modules", agent.program), ...agent.args(given, question)],
    cwd: work,
    env: { HOME: home, ...agent.env(given, home) },
    stdin: "null",
    signal: AbortSignal.timeout(60_000),
  }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  return { code, said, calls: counter.calls() };
}

/** Passes calls on to the stack under test, and counts those for an answer. */
function startCounter() {
  let calls = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname, search } = new URL(request.url);
      if (/\/(?:responses|messages)$/.test(pathname)) calls++;
      const { method, headers, body } = request;
      return fetch(new URL(pathname + search, stack.API_URL), { method, headers, body });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}${new URL(stack.FUNCTIONS_URL).pathname}`,
    calls: () => calls,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** How many answers a vendor was asked for. The stack's probes ask it for its models as well. */
export function completions({ received }: Pick<UpstreamServer, "received">): number {
  return received.filter(({ path }) => path.endsWith("/chat/completions")).length;
}

/** What the agent must read to answer. */
export const MARKER = "The number is 4711.";

/** A model that has the agent read the file, and says what it was told. */
export function readsTheFile({ tool, command }: CodingAgent): Answer {
  return ({ body }) => {
    if (body === null) return Response.json({ object: "list", data: [] });
    const last = body.messages.at(-1);
    const hasTool = body.tools?.some(({ function: { name } }: { function: { name: string } }) =>
      name === tool
    );
    const call = {
      index: 0,
      id: "call_1",
      type: "function",
      function: { name: tool, arguments: JSON.stringify(command("cat marker.txt")) },
    };
    const delta = last.role === "tool"
      ? { content: `I was told: ${JSON.stringify(last.content)}` }
      : hasTool
      ? { tool_calls: [call] }
      : { content: "There is no tool." };
    return stream(
      chunk({ role: "assistant", content: "" }),
      chunk({ reasoning_content: "I must read it." }),
      chunk(delta),
      chunk({}, { finish_reason: "tool_calls" in delta ? "tool_calls" : "stop" }),
      usageChunk(11, 7),
      data("[DONE]"),
    );
  };
}
