import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import { pathInProject } from "../../scripts/common/path-in-project.ts";
import type { StackEnvironment } from "../../scripts/stack/folder/environment-file.ts";
import { startStackProcess } from "../../scripts/test/support/stack-process.ts";
import { addVendor } from "../e2e/support/fault_vendor.ts";
import { chunk, data, startUpstream, stream } from "../functions/support/upstream_server.ts";
import { startBrowser } from "./support/browser.ts";
import { servePage } from "./support/page_server.ts";
import {
  looks,
  makeApplication,
  runInPage,
  signInAsAlice,
  snippets,
  valueOf,
} from "./support/printed.ts";

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

Deno.test("the printed examples for frontends run in a browser", async (test) => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-frontends-" });
  await Deno.chmod(folder, 0o755);
  const stack = await startStackProcess({ folder });
  await using browser = await startBrowser();
  try {
    await test.step("docs/frontend.md, which passes the type check of an application", async () => {
      const { API_URL, FUNCTIONS_URL, PUBLISHABLE_KEY } = stack.environment;
      const constants = { API_URL, FUNCTIONS_URL, PUBLISHABLE_KEY };
      const module = await snippets("docs/frontend.md", constants);
      const application = await makeApplication(join(folder, "application"));
      await application.run([Deno.execPath(), "check"], module);
      const found = await runInPage(browser, module, [
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
      // A turn of chat that is part of it, with what it was answered by.
      await sql`
        update public.profiles set current_organization_id = organizations.id
        from public.organizations where slug = 'acme' and email = 'alice@example.com'`;
      await sql`
        update public.organizations set settings = settings || '{"broadcast_turns": true}'
        where slug = 'acme'`;
      const alice = await signInAsAlice(stack.environment);
      const answered = await fetch(`${stack.environment.FUNCTIONS_URL}/chat/completions`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${alice}`,
          "x-execution-id": execution.id,
          "x-parent-node-id": "plan",
        },
        body: JSON.stringify({
          model: "gpt-6-luna",
          messages: [{ role: "user", content: "Hello!" }],
        }),
      });
      equal(answered.status, 200, await answered.text());
      const turn = answered.headers.get("x-request-id");
      const label = `document.querySelector("[data-node='${turn}'] text")?.textContent`;
      await valueOf(page, `/, \\d+ tok/.test(${label})`);
      equal(await page.evaluate(`document.querySelectorAll(".edge").length`), 3);
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
