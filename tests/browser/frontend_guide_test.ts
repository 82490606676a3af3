import { deepEqual, equal, match } from "node:assert/strict";
import { stripTypeScriptTypes } from "node:module";
import { pathInProject } from "../../scripts/common/path-in-project.ts";
import type { StackEnvironment } from "../../scripts/stack/folder/environment-file.ts";
import { startStackProcess } from "../../scripts/test/support/stack-process.ts";
import { type Page, startBrowser } from "./support/browser.ts";

/** Where a page finds its packages: the files that npm installed, as they are. */
const imports = {
  "openai": "/node_modules/openai/index.mjs",
  "@supabase/supabase-js": "/supabase.js",
};

const blank = `<!doctype html><title>Guide</title><script type="importmap">${
  JSON.stringify({ imports })
}</script>
<script src="/node_modules/@supabase/supabase-js/dist/umd/supabase.js"></script>
<script type="module">
  import("/guide.js").then(({ results }) => results)
    .then((results) => globalThis.outcome = { results })
    .catch((error) => globalThis.outcome = { failure: error.stack ?? String(error) });
</script>`;

/** The first snippets of a page of documentation as one module whose `results` have these names. */
async function snippets(
  file: string,
  stack: StackEnvironment,
  names: readonly string[],
  count = Infinity,
) {
  const text = await Deno.readTextFile(pathInProject(file));
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code)
    .slice(0, count);
  const constants = (["API_URL", "FUNCTIONS_URL", "PUBLISHABLE_KEY"] as const)
    .map((name) => `const ${name} = ${JSON.stringify(stack[name])};`);
  const module = [...constants, ...blocks, `export const results = { ${names.join(", ")} };`];
  return stripTypeScriptTypes(module.join("\n"));
}

/** Serves a page that runs a module, on an origin of its own. */
function serve(module: string) {
  const script = (text: string) =>
    new Response(text, { headers: { "content-type": "text/javascript" } });
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return new Response(blank, { headers: { "content-type": "text/html" } });
    if (pathname === "/guide.js") return script(module);
    if (pathname === "/supabase.js") return script("export const { createClient } = supabase;");
    if (!pathname.startsWith("/node_modules/")) return new Response(null, { status: 204 });
    return script(await Deno.readTextFile(pathInProject(pathname.slice(1))));
  });
}

/** What the module of the page came to. */
async function outcomeOf(page: Page): Promise<Record<string, unknown>> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const outcome = await page.evaluate("globalThis.outcome");
    if (outcome !== undefined) {
      const { results, failure } = Object(outcome);
      equal(failure, undefined, page.complaints.join("\n"));
      return results;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The page does not end:\n${page.complaints.join("\n")}`);
}

Deno.test("the snippets for frontends run as printed in a browser", async (test) => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-guide-" });
  await Deno.chmod(folder, 0o755);
  const stack = await startStackProcess({ folder });
  await using browser = await startBrowser();
  const run = async (file: string, names: readonly string[], count?: number) => {
    await using server = serve(await snippets(file, stack.environment, names, count));
    const url = `http://127.0.0.1:${server.addr.port}/`;
    return await outcomeOf(await browser.open(url, { width: 1280, scheme: "light" }));
  };
  try {
    await test.step("README.md", async () => {
      const { answer, session } = await run("README.md", ["answer", "session"], 1);
      match(Object(answer).choices[0].message.content, /You said: "Hello!"/);
      match(String(session), /^sess_/);
    });
    await test.step("docs/frontend.md", async () => {
      const found = await run("docs/frontend.md", [
        ...["models", "answer", "streamed", "sameSession", "sessionId", "sessions", "opened"],
        ...["rated", "unrated", "notStored", "vendorKeys", "accessKey", "notRevoked"],
        ...["unread", "notMarked", "usage", "noUsage", "invalid", "code"],
      ]);
      match(String(found.answer), /You said: "Hello!"/);
      match(String(found.streamed), /given 2 earlier messages/);
      equal(found.sameSession, true);
      match(JSON.stringify(found.models), /"droid\/gpt-4o"/);
      const { sessionId } = found;
      const [session, ...others] = [found.sessions].flat().map(Object);
      deepEqual([session.session_id, session.message_count, others], [sessionId, 6, []]);
      deepEqual(
        Object(found.opened).chat_messages.map(({ role }: { role: string }) => role),
        ["user", "assistant", "user", "assistant", "user", "assistant"],
      );
      equal(Object(found.rated)[0].satisfaction_rating, 5);
      match(JSON.stringify(found.vendorKeys), /"vendor_id":"openai"/);
      match(Object(found.accessKey).secret, /^agb_/);
      equal(Object(found.usage)[0].interactions, 3);
      deepEqual([Object(found.invalid).details, found.code], [
        "measure_unknown",
        "model_not_found",
      ]);
      for (const name of ["unrated", "notStored", "notRevoked", "notMarked", "noUsage"]) {
        equal(found[name], null, name);
      }
    });
  } finally {
    await stack.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
