import { deepEqual, equal, match, ok } from "node:assert/strict";
import postgres from "postgres";
import { pathInProject } from "../../scripts/common/path-in-project.ts";
import { startStackProcess } from "../../scripts/test/support/stack-process.ts";
import { signIdentity } from "../functions/support/identity_signature.ts";
import { chunk, data, startUpstream, stream } from "../functions/support/upstream_server.ts";
import { type Page, startBrowser } from "./support/browser.ts";
import { publishAgent, startCuttableProxy, startSite } from "./support/widget_site.ts";

const desk = { width: 1280, scheme: "light" } as const;

/** What is in the shadow tree of the first widget. */
const root = `document.querySelector("[data-scheme]").shadowRoot`;
const all = (selector: string) => `[...${root}.querySelectorAll(${JSON.stringify(selector)})]`;
const texts = (selector: string) => `${all(selector)}.map((one) => one.textContent)`;
const click = (selector: string) => `${root}.querySelector(${JSON.stringify(selector)}).click()`;

/** Waits until an expression holds in the page. */
async function until(page: Page, expression: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!await page.evaluate(`Boolean(${expression})`).catch(() => false)) {
    if (Date.now() > deadline) {
      const seen = await page.evaluate(`${root}.textContent`).catch(String);
      throw new Error(`Never: ${expression}\n${seen}\n${page.complaints.join("\n")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const shown = `!!document.querySelector("[data-scheme]")`;
const idle = `${all("[type=submit]")}[0].disabled === false`;

async function say(page: Page, text: string): Promise<void> {
  await page.evaluate(`${root}.querySelector("textarea").focus()`);
  await page.type(text);
  await page.press("Enter");
}

/** What axe-core finds wrong in a page, by rule and element. */
async function audit(page: Page): Promise<unknown> {
  await page.evaluate(await Deno.readTextFile(pathInProject("node_modules/axe-core/axe.min.js")));
  return await page.evaluate(`axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" "))
  )`);
}

const markdown = [
  "**Bold** and *soft*, `code`, [a link](https://ok.example/x) and https://auto.example/y.",
  "",
  "- one",
  "- two <b>raw</b>",
  "",
  "| a | b |",
  "| --- | --- |",
  "| 1 | 2 |",
  "",
  '<img src="https://evil.example/p.png" onerror="globalThis.hacked = 1"><script>hacked = 1</script>',
  "![beacon](https://evil.example/b.png) [run](javascript:globalThis.hacked=1) [file](file:///etc)",
  "",
  "```js",
  "globalThis.hacked = 1;",
].join("\n");

Deno.test("a widget on two sites, as its visitors use it", async (test) => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-widget-" });
  await Deno.chmod(folder, 0o755);
  const process = await startStackProcess({ folder });
  const { DB_URL, FUNCTIONS_URL } = process.environment;
  const sql = postgres(DB_URL, { max: 1, onnotice: () => {} });
  let rest = Promise.resolve();
  await using upstream = startUpstream(({ body: { messages } }) => {
    const { content } = messages.at(-1);
    if (content === "markdown") {
      // In pieces that end anywhere, some before the one before them is shown.
      const pieces = markdown.match(/[^]{1,7}/g) ?? [];
      return stream(
        ...pieces.flatMap((content, index) => [
          chunk({ role: "assistant", content }),
          ...index % 9 === 0 ? [() => new Promise<void>((done) => setTimeout(done, 60))] : [],
        ]),
        chunk({}, { finish_reason: "stop" }),
        data("[DONE]"),
      );
    }
    return stream(
      chunk({ role: "assistant", content: "You said " }),
      () => rest,
      chunk({ content: `"${content}".` }),
      chunk({}, { finish_reason: "stop" }),
      data("[DONE]"),
    );
  });
  const keys: string[] = [];
  await using network = startCuttableProxy(FUNCTIONS_URL);
  const functions = network.origin + new URL(FUNCTIONS_URL).pathname;
  await using siteA = startSite(functions, keys);
  await using siteB = startSite(functions, keys);
  await using foreign = startSite(functions, keys);
  const { agentId, key } = await publishAgent(sql, upstream.baseUrl, [siteA.origin, siteB.origin], {
    greeting: "Hello! Ask me about **chairs**.",
    privacy_url: "https://a.example/privacy",
  });
  keys.push(key);
  await using browser = await startBrowser();
  try {
    const page = await browser.open(siteA.origin, desk);
    await test.step("it opens, answers and shows Markdown, under a strict policy", async () => {
      await until(page, shown);
      equal(await page.evaluate(`localStorage.length`), 0, "nothing is stored before it is opened");
      await page.evaluate(click(".launcher"));
      await say(page, "Hi");
      await until(page, `${texts(".assistant")}[0] === 'You said "Hi".'`);
      await until(page, idle);
      await say(page, "markdown");
      await until(page, `${all(".assistant pre")}.length === 1`);
      await until(page, idle);
      deepEqual(
        await page.evaluate(
          `[...new Set(${all(".assistant *")}.map((one) => one.localName))].sort().join()`,
        ),
        "a,br,code,div,em,li,p,pre,span,strong,table,td,th,tr,ul",
      );
      deepEqual(await page.evaluate(`${all(".assistant a")}.map((one) => one.href)`), [
        "https://ok.example/x",
        "https://auto.example/y",
        "https://evil.example/p.png",
        "https://evil.example/b.png",
      ]);
      equal(await page.evaluate(`typeof hacked`), "undefined");
      deepEqual(page.requests.filter((one) => one.includes("evil.example")), []);
      deepEqual(page.complaints, []);
    });

    await test.step("after a reload it goes on", async () => {
      const before = await page.evaluate(texts(".assistant"));
      await page.go(siteA.origin);
      await until(page, `${shown} && ${texts(".assistant")}.length === 2`);
      deepEqual(await page.evaluate(texts(".assistant")), before);
    });

    await test.step("an answer survives a connection that breaks in its middle", async () => {
      const calls = upstream.received.length;
      const finish = Promise.withResolvers<void>();
      rest = finish.promise;
      await until(page, idle);
      await say(page, "Are you there?");
      await until(page, `${texts(".assistant")}.at(-1) === "You said "`);
      network.cut();
      await until(page, `${texts(".note")}.some((one) => one.startsWith("Connection lost"))`);
      finish.resolve();
      network.mend();
      await until(page, `${texts(".assistant")}.at(-1) === 'You said "Are you there?".'`);
      equal(upstream.received.length, calls + 1, "the agent was asked once");
    });

    await test.step("and a reload in its middle", async () => {
      const finish = Promise.withResolvers<void>();
      rest = finish.promise;
      await until(page, idle);
      await say(page, "Still there?");
      await until(page, `${texts(".assistant")}.at(-1) === "You said "`);
      await page.go(siteA.origin);
      await until(page, `${texts(".note")}.includes("Writing an answer…")`);
      finish.resolve();
      await until(page, `${texts(".assistant")}.at(-1) === 'You said "Still there?".'`);
      const said = texts(".user");
      equal(await page.evaluate(`${said}.filter((one) => one.includes("Still")).length`), 1);
      rest = Promise.resolve();
    });

    await test.step("another site has another conversation, and a foreign one has none", async () => {
      const other = await browser.open(siteB.origin, desk);
      await until(other, shown);
      await other.evaluate(click(".launcher"));
      deepEqual(await other.evaluate(texts(".user")), []);
      await say(other, "I am on B");
      await until(other, `${texts(".assistant")}[0] === 'You said "I am on B".'`);
      const last = upstream.received.at(-1)?.body.messages;
      equal(last.filter(({ role }: { role: string }) => role === "user").length, 1);
      const refused = await browser.open(foreign.origin, desk);
      await until(refused, `typeof AgentbaseWidget === "object"`);
      const reason = /CORS|the widget is not shown/;
      for (const deadline = Date.now() + 60_000; !reason.test(refused.complaints.join());) {
        ok(Date.now() < deadline, refused.complaints.join());
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      equal(await refused.evaluate(shown), false);
    });

    await test.step("two agents on one page have a conversation each", async () => {
      const pair: string[] = [];
      await using both = startSite(functions, pair);
      for (const placement of ["right", "left"]) {
        pair.push((await publishAgent(sql, upstream.baseUrl, [both.origin], { placement })).key);
      }
      const shared = await browser.open(both.origin, desk);
      const conversations = `[...document.querySelectorAll("[data-scheme]")]
        .map(({ shadowRoot }) => [...shadowRoot.querySelectorAll(".assistant")]
          .map((one) => one.textContent).join()).sort()`;
      await until(shared, `Object.keys(AgentbaseWidget.widgets).length === 2`);
      for (const key of pair) {
        await shared.evaluate(`AgentbaseWidget.widgets[${JSON.stringify(key)}].open()`);
        await shared.type(key);
        await shared.press("Enter");
        await until(shared, `${conversations}.includes('You said "${key}".')`);
      }
      const expected = pair.map((key) => `You said "${key}".`).sort();
      deepEqual(await shared.evaluate(conversations), expected);
      await shared.go(both.origin);
      const shownText = `JSON.stringify(${conversations})`;
      await until(shared, `${shownText} === ${JSON.stringify(JSON.stringify(expected))}`);
      for (const { body } of upstream.received.slice(-2)) {
        const said = body.messages.filter(({ role }: { role: string }) => role === "user");
        equal(said.length, 1, "neither agent reads what the other was told");
      }
    });

    await test.step("pages open, close, identify and listen", async () => {
      await page.evaluate(`globalThis.heard = [];
        for (const name of ["open", "close", "message"]) {
          AgentbaseWidget.on(name, (detail) => heard.push([name, detail?.role ?? null].join(" ")));
        }
        AgentbaseWidget.close(); AgentbaseWidget.open();`);
      await until(page, idle);
      await say(page, "Hear me");
      await until(page, `heard.length === 4`);
      deepEqual(await page.evaluate(`heard`), [
        "close ",
        "open ",
        "message user",
        "message assistant",
      ]);
    });

    await test.step("the keyboard is enough", async () => {
      const keyboard = await browser.open(siteB.origin, desk);
      await until(keyboard, shown);
      const focused =
        `${root}.activeElement?.getAttribute("aria-label") ?? ${root}.activeElement?.localName`;
      await keyboard.evaluate(`AgentbaseWidget.close()`);
      await keyboard.go(siteB.origin);
      await until(keyboard, shown);
      await keyboard.press("Tab");
      equal(await keyboard.evaluate(focused), "Open chat");
      await keyboard.press("Enter");
      await until(keyboard, `${focused} === "textarea"`);
      await until(keyboard, idle);
      await keyboard.type("By keyboard");
      await keyboard.press("Enter");
      await until(keyboard, `${texts(".assistant")}.at(-1) === 'You said "By keyboard".'`);
      await until(keyboard, `${texts("[role=status]")}[0] === 'You said "By keyboard".'`);
      await keyboard.press("Escape");
      equal(await keyboard.evaluate(focused), "Open chat");
    });

    await test.step("a phone is filled, and nothing is wider than it", async () => {
      // The width to which WCAG asks pages to reflow.
      const phone = await browser.open(siteA.origin, { width: 320, scheme: "dark" });
      await until(phone, `${shown} && ${texts(".assistant")}.length > 2`);
      const box = `${all(".panel")}[0].getBoundingClientRect()`;
      deepEqual(await phone.evaluate(`[${box}.left, ${box}.top, ${box}.width, ${box}.height]`), [
        0,
        0,
        320,
        800,
      ]);
      ok(await phone.evaluate(`document.documentElement.scrollWidth <= 320`));
      equal(await phone.evaluate(`${all(".panel")}[0].getAttribute("aria-modal")`), "true");
      for (let step = 0; step < 15; step++) {
        await phone.press("Tab");
        equal(
          await phone.evaluate(`document.activeElement.hasAttribute("data-scheme")`),
          true,
          "the keyboard stays in it",
        );
      }
      deepEqual(await audit(phone), []);
    });

    for (const scheme of ["light", "dark"] as const) {
      await test.step(`axe-core finds nothing, ${scheme}`, async () => {
        const audited = await browser.open(siteA.origin, { width: 1280, scheme });
        await until(audited, shown);
        await audited.evaluate(`AgentbaseWidget.open()`);
        await until(audited, `${texts(".assistant")}.length > 2 && ${idle}`);
        deepEqual(await audit(audited), []);
        await audited.evaluate(click("[title='Delete conversation']"));
        deepEqual(await audit(audited), []);
        await audited.evaluate(`AgentbaseWidget.close()`);
        deepEqual(await audit(audited), []);
      });
    }

    await test.step("a conversation is deleted, with all that was stored of it", async () => {
      const sessions = () =>
        sql`select website_domain as site from public.chat_sessions where agent_id = ${agentId}`;
      equal((await sessions()).length, 2);
      await until(page, idle);
      await page.evaluate(click("[title='Delete conversation']"));
      await page.evaluate(click(".confirm .primary"));
      await until(page, `${texts(".note")}.includes("The conversation was deleted.")`);
      deepEqual(await page.evaluate(texts(".user")), []);
      deepEqual([...await sessions()], [{ site: new URL(siteB.origin).host }]);
    });

    await test.step("consent and sign-in come before the first message, in the widget's words", async () => {
      const addWidget = async (column: string, words: Record<string, string>) => {
        const [made] = await sql<{ key: string }[]>`
          insert into public.widgets (agent_id, name, consent_text, locale, texts, ${sql(column)})
          values (${agentId}, 'Laden', 'We store it.', 'de', ${sql.json(words)}, true)
          returning key`;
        keys.splice(0, keys.length, made?.key ?? "");
        await page.go(siteA.origin);
      };
      await addWidget("is_consent_required", { accept: "Einverstanden", open: "Chat öffnen" });
      await until(page, shown);
      await page.evaluate(`AgentbaseWidget.open()`);
      await until(page, `${all(".consent")}[0].checkVisibility()`);
      equal(await page.evaluate(`${all("form")}[0].checkVisibility()`), false);
      equal(await page.evaluate(`${root}.activeElement?.title`), "Close chat");
      equal(await page.evaluate(`document.querySelector("[data-scheme]").lang`), "de");
      deepEqual(await audit(page), []);
      deepEqual(await page.evaluate(texts(".consent button")), ["Einverstanden"]);
      await page.evaluate(click(".consent button"));
      await say(page, "Agreed");
      await until(page, `${texts(".assistant")}[0] === 'You said "Agreed".'`);
      await until(page, idle);
      await page.evaluate(click("[title='Delete conversation']"));
      await page.evaluate(click(".confirm .primary"));
      await until(page, `${all(".consent")}[0].checkVisibility()`);
      equal(await page.evaluate(`${all("form")}[0].checkVisibility()`), false);
      equal(await page.evaluate(`${root}.activeElement.textContent`), "Einverstanden");
      await page.press("Enter");
      await say(page, "Agreed");
      await until(page, `${texts(".assistant")}[0] === 'You said "Agreed".'`);
      await page.evaluate(`AgentbaseWidget.identify(async () => null)`);
      equal(await page.evaluate(`${texts(".user")}.length`), 1, "the visitor is the same");
      await page.evaluate(`AgentbaseWidget.identify(async () => ({ user_id: "7" }))`);
      deepEqual(await page.evaluate(texts(".user")), [], "another user sees nothing of it");
      await addWidget("is_identity_required", {});
      await until(page, shown);
      await until(page, `${all("textarea")}[0].disabled`);
    });

    await test.step("a user whom the website vouches for may write where others may not", async () => {
      const { API_URL, PUBLISHABLE_KEY } = process.environment;
      const signedIn = await fetch(`${API_URL}/auth/v1/token?grant_type=password`, {
        method: "POST",
        headers: { apikey: PUBLISHABLE_KEY, "content-type": "application/json" },
        body: JSON.stringify({ email: "carol@example.com", password: "agentbase" }),
      });
      const { access_token } = await signedIn.json();
      const [widget] = await sql`select id from public.widgets where key = ${keys[0] ?? ""}`;
      const made = await fetch(`${FUNCTIONS_URL}/widget/secrets`, {
        method: "POST",
        headers: { authorization: `Bearer ${access_token}` },
        body: JSON.stringify({ widget_id: widget?.id }),
      });
      const { secret } = await made.json();
      const expires_at = Math.floor(Date.now() / 1000) + 3600;
      const signature = await signIdentity(secret, `customer-7.${expires_at}`);
      const identity = JSON.stringify({ user_id: "customer-7", expires_at, signature });
      await page.evaluate(`AgentbaseWidget.open()`);
      await page.evaluate(`AgentbaseWidget.identify(async () => (${identity}))`);
      await until(page, `!${all("textarea")}[0].disabled`);
      await say(page, "It is me");
      await until(page, `${texts(".assistant")}[0] === 'You said "It is me".'`);
      const sessions = await sql`
        select from public.chat_sessions
        where agent_id = ${agentId} and metadata #>> '{visitor,user_id}' = 'customer-7'`;
      equal(sessions.length, 1);
    });

    await test.step("the agent says what its widget leaves open, and visitors begin with a click", async () => {
      await sql`update public.agents set
        config = config || '{"prompt": {"first_message": "Welcome to **our** shop."}}',
        deployment_config = '{"widget_suggestions": ["Opening hours?", "Do you ship to islands, and what does it cost?"],
          "widget_color": "#b02a5b", "widget_position": "bottom_left", "widget_theme": "dark", "ai_notice": false}'
        where id = ${agentId}`;
      const [made] = await sql<{ key: string }[]>`
        insert into public.widgets (agent_id, name) values (${agentId}, 'Shop') returning key`;
      keys.splice(0, keys.length, made?.key ?? "");
      const began = await browser.open(siteB.origin, desk);
      await until(began, shown);
      await began.evaluate(`AgentbaseWidget.open()`);
      const looks = `[${root}.host.dataset.scheme, ${all(".panel")}[0].className,
        ${texts(".greeting")}[0], ${texts("footer")}[0].trim()]`;
      deepEqual(await began.evaluate(looks), ["dark", "panel left", "Welcome to our shop.", ""]);
      deepEqual(await audit(began), []);
      await began.evaluate(click(".suggestion"));
      await until(began, `${texts(".assistant")}[0] === 'You said "Opening hours?".'`);
      deepEqual(await began.evaluate(texts(".suggestion")), []);
      deepEqual(began.complaints, []);
    });

    await test.step("examples/widget: two sites, one agent, and a preview", async () => {
      const example = new Deno.Command("node", {
        args: [pathInProject("examples/widget/main.mjs")],
        env: { ...process.environment },
        stdout: "piped",
      }).spawn();
      const reader = example.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let said = "";
      while (!said.includes("The preview:")) said += (await reader.read()).value ?? "";
      const [shop = "", help = "", preview = ""] = said.match(/http:\S+/g) ?? [];
      try {
        for (const site of [shop, help]) {
          const visited = await browser.open(site, desk);
          await until(visited, shown);
          await visited.evaluate(`AgentbaseWidget.open()`);
          await say(visited, `I am on ${site}`);
          await until(visited, `${texts(".assistant")}[0]?.includes("first message I was given")`);
          await until(visited, idle);
          deepEqual(visited.complaints, []);
        }
        const previewed = await browser.open(preview, desk);
        const inFrame = `document.querySelector("#frame").contentDocument
          .querySelector("[data-scheme]")?.shadowRoot.querySelector(".panel")`;
        await until(previewed, `${inFrame} && !${inFrame}.hidden`);
        match(
          String(await previewed.evaluate(`document.querySelector("#snippet").textContent`)),
          /wk_/,
        );
        deepEqual(await audit(previewed), []);
        deepEqual(previewed.complaints, []);
      } finally {
        await reader.cancel();
        example.kill();
        await example.status;
      }
    });
  } finally {
    await sql.end();
    await process.stop();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the script is at most 10 KB compressed, and depends on nothing", async () => {
  const { embedScript } = await import("../../functions/widget/embed_script.ts");
  const packed = new Blob([embedScript]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = (await new Response(packed).arrayBuffer()).byteLength;
  ok(bytes <= 10_000, `${bytes} bytes`);
  for (
    const forbidden of [/\beval\(/, /new Function/, /innerHTML/, /document\.write/, /import\(/]
  ) {
    ok(!forbidden.test(embedScript), String(forbidden));
  }
});
