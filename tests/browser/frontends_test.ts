import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import { pathInProject } from "../../scripts/common/path-in-project.ts";
import { runCommand } from "../../scripts/common/run-command.ts";
import type { StackEnvironment } from "../../scripts/stack/folder/environment-file.ts";
import { startStackProcess } from "../../scripts/test/support/stack-process.ts";
import { addVendor } from "../e2e/support/fault_vendor.ts";
import { chunk, data, startUpstream, stream } from "../functions/support/upstream_server.ts";
import { type Page, startBrowser } from "./support/browser.ts";
import { servePage } from "./support/page_server.ts";

const looks = { width: 1280, scheme: "light" } as const;

/** A page that runs a module and keeps what it exports as `results`. */
const blank = `<!doctype html><title>Guide</title><script type="module">
  import("/guide.ts").then(({ results }) => globalThis.outcome = { results })
    .catch((error) => globalThis.outcome = { failure: error.stack ?? String(error) });
</script>`;

/** The first snippets of a page of documentation as one module whose `results` have these names. */
async function snippets(
  file: string,
  stack: StackEnvironment,
  names: readonly string[],
  count = Infinity,
): Promise<string> {
  const text = await Deno.readTextFile(pathInProject(file));
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code)
    .slice(0, count);
  const constants = (["API_URL", "FUNCTIONS_URL", "PUBLISHABLE_KEY"] as const)
    .map((name) => `const ${name} = ${JSON.stringify(stack[name])};`);
  return [...constants, ...blocks, `export const results = { ${names.join(", ")} };`].join("\n");
}

/** Waits until an expression has a value in the page. */
async function valueOf(page: Page, expression: string): Promise<unknown> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const value = await page.evaluate(expression);
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The page does not come to ${expression}:\n${page.complaints.join("\n")}`);
}

/** The files of an example, set to a stack. */
async function examplePage(
  { API_URL, FUNCTIONS_URL, PUBLISHABLE_KEY }: StackEnvironment,
  folder: string,
  modules: readonly string[],
  model = "",
): Promise<Record<string, string>> {
  const read = (path: string) => Deno.readTextFile(pathInProject(`examples/${folder}/${path}`));
  const settings = {
    VITE_API_URL: API_URL,
    VITE_FUNCTIONS_URL: FUNCTIONS_URL,
    VITE_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
    VITE_MODEL: model,
  };
  const sources = await Promise.all(modules.map(async (name) =>
    [
      `/src/${name}.ts`,
      (await read(`src/${name}.ts`)).replace("import.meta.env", JSON.stringify(settings)),
    ] as const
  ));
  return { "/": await read("index.html"), ...Object.fromEntries(sources) };
}

/** A vendor whose model asks for the time once, and then tells it. */
function startClockVendor() {
  return startUpstream(({ body: { messages, tools } }) => {
    const last = messages.at(-1);
    if (last.role === "tool") {
      return stream(
        chunk({ role: "assistant", content: "It is " }),
        chunk({ content: last.content }),
        chunk({}, { finish_reason: "stop" }),
        data("[DONE]"),
      );
    }
    const { name } = tools[0].function;
    const call = { index: 0, id: "call_1", type: "function", function: { name, arguments: "{}" } };
    return stream(
      chunk({ role: "assistant", tool_calls: [call] }),
      chunk({}, { finish_reason: "tool_calls" }),
      data("[DONE]"),
    );
  });
}

/** Makes a folder as an application has it, with the packages and the types of the database. */
async function makeApplication(folder: string): Promise<void> {
  await Deno.mkdir(folder);
  await Deno.symlink(pathInProject("node_modules"), join(folder, "node_modules"));
  await Deno.copyFile(
    pathInProject("functions/_shared/database/database.types.ts"),
    join(folder, "database.types.ts"),
  );
  await Deno.writeTextFile(join(folder, "deno.json"), `{"nodeModulesDir": "manual"}`);
  await Deno.writeTextFile(join(folder, "package.json"), "{}");
}

Deno.test("what is printed for frontends runs in a browser", async (test) => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-frontends-" });
  await Deno.chmod(folder, 0o755);
  const stack = await startStackProcess({ folder });
  await using browser = await startBrowser();
  const run = async (file: string, names: readonly string[], count?: number) => {
    const module = await snippets(file, stack.environment, names, count);
    await using server = servePage({ "/": blank, "/guide.ts": module });
    const page = await browser.open(`http://127.0.0.1:${server.addr.port}/`, looks);
    const { results, failure } = Object(await valueOf(page, "globalThis.outcome"));
    equal(failure, undefined, page.complaints.join("\n"));
    return results;
  };
  const application = join(folder, "application");
  await makeApplication(application);
  /** Writes a module of the application and has Deno do something with it. */
  const deno = async (command: string[], module: string) => {
    await Deno.writeTextFile(join(application, "main.ts"), module);
    const { code, output } = await runCommand([Deno.execPath(), ...command, "main.ts"], {
      cwd: application,
    });
    equal(code, 0, output);
    return output;
  };
  try {
    await test.step("README.md in Deno", async () => {
      const module = await snippets("README.md", stack.environment, [], 1);
      const said = await deno(
        ["run", "--allow-all", "--check"],
        `${module.replace("you@", "deno@")}\nconsole.log(answer.choices[0]?.message.content);`,
      );
      match(said, /You said: "Hello!"/);
    });
    await test.step("README.md", async () => {
      const { answer, session } = await run("README.md", ["answer", "session"], 1);
      match(answer.choices[0].message.content, /You said: "Hello!"/);
      match(session, /^sess_/);
    });
    await test.step("docs/frontend.md", async () => {
      const found = await run("docs/frontend.md", [
        ...["models", "answer", "streamed", "sameSession", "sessionId", "sessions", "opened"],
        ...["rated", "unrated", "notStored", "vendorKeys", "accessKey", "notRevoked"],
        ...["unread", "notMarked", "arrived", "usage", "noUsage", "invalid", "code"],
      ]);
      match(found.answer, /You said: "Hello!"/);
      match(found.streamed, /given 2 earlier messages/);
      equal(found.sameSession, true);
      match(JSON.stringify(found.models), /"droid\/gpt-4o"/);
      const [session, ...others] = found.sessions;
      deepEqual([session.session_id, session.message_count, others], [found.sessionId, 6, []]);
      deepEqual(
        found.opened.chat_messages.map(({ role }: { role: string }) => role),
        ["user", "assistant", "user", "assistant", "user", "assistant"],
      );
      equal(found.rated[0].satisfaction_rating, 5);
      match(JSON.stringify(found.vendorKeys), /"vendor_id":"openai"/);
      match(found.accessKey.secret, /^agb_/);
      equal(found.usage[0].interactions, 3);
      deepEqual(found.arrived, []);
      deepEqual([found.invalid.details, found.code], ["measure_unknown", "model_not_found"]);
      for (const name of ["unrated", "notStored", "notRevoked", "notMarked", "noUsage"]) {
        equal(found[name], null, name);
      }
    });
    await test.step("docs/frontend.md passes the type check of an application", async () => {
      await deno(["check"], await snippets("docs/frontend.md", stack.environment, []));
    });
    await test.step("examples/thoughts draws the tree of an execution while it grows", async () => {
      const sql = postgres(stack.environment.DB_URL, { max: 1, onnotice: () => {} });
      const [execution] = await sql<{ id: string; agent_id: string }[]>`
        with agent as (
          insert into public.agents (name, organization_id)
          select 'Thinker', id from public.organizations where slug = 'acme' returning id
        ),
        workflow as (
          insert into public.workflows (agent_id, name) select id, 'Research' from agent
          returning id, agent_id
        )
        insert into public.workflow_executions (workflow_id, execution_id)
        select id, '1' from workflow returning id, (select agent_id from workflow)`;
      ok(execution);
      const think = (node: string, parent: string | null, kind: string) =>
        sql`
          insert into public.agent_thoughts (
            agent_id, execution_id, node_id, parent_node_id, node_type, content
          )
          values (
            ${execution.agent_id}, ${execution.id}, ${node}, ${parent}, ${kind},
            ${`<b>The thought</b> ${node}, at length`}
          )`;
      const files = await examplePage(stack.environment, "thoughts", [
        ...["main", "executions", "drawing", "settings"],
      ]);
      await using server = servePage(files);
      const page = await browser.open(`http://127.0.0.1:${server.addr.port}/`, looks);
      await page.evaluate(`(() => {
        document.querySelector("#account [name=password]").value = "agentbase";
        document.querySelector("#account").requestSubmit();
      })()`);
      const button = `[...document.querySelectorAll("#executions button")]
        .find((one) => one.textContent.startsWith("Research"))`;
      await valueOf(page, `!!${button}`);
      await page.evaluate(`${button}.click()`);
      await valueOf(page, `document.querySelector("#status").textContent === "running"`);
      const nodes = `[...document.querySelectorAll(".node")]
        .map((one) => one.dataset.node + (one.classList.contains("orphan") ? "?" : "")).join()`;
      // A child before its parent, as reports may come.
      await think("search", "plan", "action");
      await valueOf(page, `${nodes} === "search?"`);
      await think("plan", null, "processing");
      await valueOf(page, `${nodes} === "plan,search"`);
      await think("answer", "search", "output");
      await valueOf(page, `${nodes} === "plan,search,answer"`);
      equal(await page.evaluate(`document.querySelectorAll(".edge").length`), 2);
      await sql`update public.workflow_executions set status = 'success' where id = ${execution.id}`;
      await valueOf(page, `document.querySelector("#status").textContent === "success"`);
      equal(await page.evaluate(`document.querySelectorAll("#tree b").length`), 0);
      equal(await page.evaluate(`document.querySelector("#problem").textContent`), "");
      deepEqual(page.complaints, []);
      await sql.end();
    });
    await test.step("examples/chat streams, calls its tool and lists sessions", async () => {
      await using upstream = startClockVendor();
      const sql = postgres(stack.environment.DB_URL, { max: 1, onnotice: () => {} });
      const { agent } = await addVendor(sql, "e2e_upstream", upstream.baseUrl)
        .finally(() => sql.end());
      await using server = servePage(
        await examplePage(stack.environment, "chat", ["main", "chat", "settings"], agent.name),
      );
      const page = await browser.open(`http://127.0.0.1:${server.addr.port}/`, looks);
      const submit = (form: string, field: string, text: string) =>
        page.evaluate(`(() => {
          document.querySelector("${form} [name=${field}]").value = ${JSON.stringify(text)};
          document.querySelector("${form}").requestSubmit();
        })()`);
      const shown = `[...document.querySelectorAll("#messages p")].map((one) => one.textContent)`;
      const sessions = `[...document.querySelectorAll("#sessions button")]`;
      await submit("#account", "password", "agentbase");
      await valueOf(page, `!document.querySelector("#composer").hidden`);
      await submit("#composer", "text", "What time is it, please?");
      await valueOf(page, `${sessions}.some((one) => one.textContent.startsWith("What time"))`);
      const said = [await page.evaluate(shown)].flat();
      equal(said[0], "What time is it, please?");
      match(String(said[1]), /^It is \w{3} \w{3} \d\d \d{4} /);
      deepEqual(
        upstream.received.map(({ body }) =>
          body.messages.map(({ role }: { role: string }) => role)
        ),
        [["user"], ["user", "assistant", "tool"]],
      );
      await page.evaluate(`document.querySelector("#new").click()`);
      await valueOf(page, `${shown}.length === 0`);
      await page.evaluate(
        `${sessions}.find((one) => one.textContent.startsWith("What time")).click()`,
      );
      ok(await valueOf(page, `${shown}.some((text) => text.startsWith("It is "))`));
      equal(await page.evaluate(`document.querySelector("#problem").textContent`), "");
      // The OpenAI client cancels a stream that it has read to its end.
      deepEqual(page.complaints.filter((said) => !said.includes(`"canceled":true`)), []);
    });
  } finally {
    await stack.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
