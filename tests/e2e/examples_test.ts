import { deepEqual, equal, match } from "node:assert/strict";
import { POST } from "../../examples/ai-sdk/route.ts";
import { pathInProject } from "../../scripts/common/path-in-project.ts";
import { makeKey } from "./support/access_keys.ts";
import { openDatabase, signUp, stack } from "./support/stack.ts";

const packages: { default: Packages } = await import("../../package.json", {
  with: { type: "json" },
});

interface Packages {
  dependencies: Record<string, string>;
  devDependencies?: Record<string, string>;
}

Deno.test("the examples install the versions that are tested", async () => {
  const { dependencies, devDependencies } = packages.default;
  const tested = { ...dependencies, ...devDependencies };
  for (const name of ["ai-sdk", "chat", "node"]) {
    const text = await Deno.readTextFile(pathInProject(`examples/${name}/package.json`));
    const wanted: Packages = JSON.parse(text);
    for (const [dependency, version] of Object.entries(wanted.dependencies)) {
      equal(version, tested[dependency], `${name}: ${dependency}`);
    }
  }
});

/** Runs an example as its folder's page says. */
async function runProgram(command: string, file: string, env: Record<string, string>) {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [pathInProject(file)],
    env: { FUNCTIONS_URL: stack.FUNCTIONS_URL, ...env },
  }).output();
  const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, said: said ?? "", complained: complained ?? "" };
}

for (
  const [command, file] of [
    ["node", "examples/node/main.mjs"],
    ["python3", "examples/python/main.py"],
  ] as const
) {
  Deno.test(`${file} streams, continues its session and says what went wrong`, async () => {
    const alice = await signUp("alice");
    const { secret: ACCESS_KEY } = await makeKey(alice);
    const { code, said, complained } = await runProgram(command, file, { ACCESS_KEY });
    deepEqual([code, complained], [0, ""]);
    match(said, /You said: "What is my name\?"\. I was also given 2 earlier messages/);
    const { data } = await alice.supabase.from("chat_sessions").select("message_count");
    deepEqual(data, [{ message_count: 4 }]);

    const refused = await runProgram(command, file, { ACCESS_KEY, MODEL: "no-such-model" });
    equal(refused.code, 1);
    match(refused.complained, /"no-such-model" does not exist.* \(model_not_found, req_\w+\)/);
    equal(refused.complained.includes(ACCESS_KEY), false);
  });
}

Deno.test("examples/ai-sdk answers useChat, which resends the whole conversation", async () => {
  const alice = await signUp("alice");
  Deno.env.set("FUNCTIONS_URL", stack.FUNCTIONS_URL);
  const messages = [];
  for (const text of ["My name is Alice.", "What is my name?"]) {
    messages.push({ id: text, role: "user", parts: [{ type: "text", text }] });
    const response = await POST(
      new Request("http://127.0.0.1/api/chat", {
        method: "POST",
        headers: { authorization: `Bearer ${alice.accessToken}` },
        body: JSON.stringify({ messages }),
      }),
    );
    const answer = [
      ...(await response.text()).matchAll(/"type":"text-delta".*?"delta":("[^\n]*")\}/g),
    ]
      .map(([, delta]) => JSON.parse(delta ?? '""')).join("");
    match(answer, /You said: /);
    messages.push({
      id: `re: ${text}`,
      role: "assistant",
      parts: [{ type: "text", text: answer }],
    });
  }
  await using database = openDatabase();
  const sessions = await database.sql`
    select message_count from public.chat_sessions where user_id = ${alice.id}`;
  deepEqual([...sessions], [{ message_count: 4 }]);
});
