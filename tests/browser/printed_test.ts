import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import type { StackEnvironment } from "../../scripts/stack/folder/environment-file.ts";
import { oauthClient } from "../../scripts/test/support/oauth-client.ts";
import { startStackProcess } from "../../scripts/test/support/stack-process.ts";
import { startOAuthServer } from "../functions/support/oauth_server.ts";
import { completion, startUpstream } from "../functions/support/upstream_server.ts";
import { startBrowser } from "./support/browser.ts";
import { makeApplication, runInPage, signInAsAlice, snippets } from "./support/printed.ts";

/** A key as OpenAI's are, for the one that README.md abbreviates. */
const KEY = "sk-0123456789abcdefghijklmnop";

/** What README.md has at its end. */
const NAMES = ["answer", "session", "key", "mine", "revealed", "token", "tokenResponse"];

/** Checks what README.md has at its end. */
// deno-lint-ignore no-explicit-any -- a test reads into whatever a program has.
function checkReadme({ answer, session, key, mine, revealed, token, tokenResponse }: any): void {
  match(answer.choices[0].message.content, /You said: "Hello!"/);
  match(session, /^sess_/);
  match(key.secret, /^agb_/);
  equal(mine.vendor_id, "openai");
  equal(revealed.key, KEY);
  equal(token.access_token, tokenResponse.access_token);
}

/** The secret of an access key of alice's. */
async function accessKeyOf(environment: StackEnvironment): Promise<string> {
  const response = await fetch(`${environment.FUNCTIONS_URL}/access-keys`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await signInAsAlice(environment)}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ name: "Printed" }),
  });
  return (await response.json()).secret;
}

Deno.test("the code in README.md and docs/clients.md runs unchanged", async (test) => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-printed-" });
  await Deno.chmod(folder, 0o755);
  await using provider = startOAuthServer("google");
  await using vendor = startUpstream(({ path }) =>
    path.endsWith("/models") ? Response.json({ data: [] }) : completion("Here.")
  );
  const stack = await startStackProcess({
    folder,
    env: {
      GOOGLE_OAUTH_CLIENT_ID: oauthClient.id,
      GOOGLE_OAUTH_CLIENT_SECRET: oauthClient.secret,
    },
  });
  const { API_URL, FUNCTIONS_URL, PUBLISHABLE_KEY, DB_URL } = stack.environment;
  const sql = postgres(DB_URL, { max: 1, onnotice: () => {} });
  try {
    await sql`update public.vendors set base_url = ${vendor.baseUrl} where id = 'openai'`;
    await sql`
      update public.oauth_providers set token_endpoint = ${provider.endpoint}
      where id = 'google'`;
    const readme = async (name: string) => {
      const tokenResponse = provider.signIn();
      const constants = { API_URL, FUNCTIONS_URL, PUBLISHABLE_KEY, tokenResponse };
      const module = await snippets("README.md", constants);
      return module.replace("you@", `${name}@`).replace("sk-…", KEY);
    };
    await test.step("README.md in Chromium", async () => {
      await using browser = await startBrowser();
      // A page has no use for the program.
      const page = (await readme("chromium")).replace(/^const program = .*$/m, "");
      checkReadme(await runInPage(browser, page, NAMES));
    });

    const application = await makeApplication(join(folder, "application"));
    const ACCESS_KEY = await accessKeyOf(stack.environment);
    const programs: [string, [string, ...string[]]][] = [
      ["Deno", [Deno.execPath(), "run", "--allow-all"]],
    ];
    // Absent only where Node 22 cannot be installed, which the layer reports.
    const node = Deno.env.get("NODE_22");
    if (node) programs.push(["Node 22", [node, "--no-warnings"]]);
    for (const [name, command] of programs) {
      await test.step(`README.md in ${name}`, async () => {
        const module = await readme(name.replace(" ", "-"));
        const results = `console.log(JSON.stringify({ ${NAMES.join(", ")} }));`;
        const said = await application.run(command, `${module}\n${results}`);
        checkReadme(JSON.parse(said.split("\n").find((line) => line.startsWith("{")) ?? ""));
      });
      await test.step(`docs/clients.md in ${name}`, async () => {
        const module = await snippets("docs/clients.md");
        const said = await application.run(command, module, { ACCESS_KEY, FUNCTIONS_URL });
        deepEqual([...said.matchAll(/You said: "Hello ([^"]+)!"/g)].map(([, who]) => who), [
          ...["from openai", "again", "from Anthropic", "from ai", "from ai by chat"],
          ...["from agents", "from LangChain", "from LlamaIndex"],
        ]);
      });
    }
    const asked = vendor.received.filter(({ path }) => path.endsWith("/chat/completions"));
    equal(asked.length, 1 + programs.length, "the own key is used");
    equal(provider.refreshes, 1 + programs.length);
  } finally {
    await sql.end();
    await stack.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
