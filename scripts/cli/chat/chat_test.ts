import { equal, match } from "node:assert/strict";
import { pathInProject } from "../../common/path-in-project.ts";
import { runCommand } from "../../common/run-command.ts";
import { writeEnvironment } from "../../stack/folder/environment-file.ts";

/** Sets the title, clears the screen, goes back to the left, and turns the text around. */
const hostile = "\x1b]0;owned\x07\x1b[2J\x9b2J\rhidden\u202e";

/** A stack whose answers and errors contain control sequences. */
function startHostileStack(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/auth/v1/token") {
      const user = { id: "00000000-0000-4000-8000-000000000000", aud: "authenticated" };
      return Response.json({ access_token: "a.b.c", refresh_token: "r", expires_in: 3600, user });
    }
    if (pathname === "/functions/v1/models") {
      return Response.json({ data: [{ id: `m${hostile}` }] });
    }
    if (pathname !== "/functions/v1/chat/completions") return Response.json({});
    const { messages } = await request.json();
    if (messages[0].content === "fail") {
      return Response.json({ error: { message: `No ${hostile}`, code: "c" } }, { status: 400 });
    }
    const chunks = [...hostile, "fine\n"].map((content) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`
    );
    return new Response([...chunks, "data: [DONE]\n\n"].join(""), {
      headers: { "content-type": "text/event-stream" },
    });
  });
}

Deno.test("npm run chat prints answers and errors without their control sequences", async () => {
  await using server = startHostileStack();
  const folder = await Deno.makeTempDir({ prefix: "agentbase-chat-" });
  try {
    const url = `http://127.0.0.1:${server.addr.port}`;
    await writeEnvironment(folder, {
      API_URL: url,
      FUNCTIONS_URL: `${url}/functions/v1`,
      DB_URL: "",
      PUBLISHABLE_KEY: "publishable",
      SECRET_KEY: "",
      JWT_SECRET: "",
    });
    const command = ["run", "--allow-all", "--no-check", pathInProject("scripts/cli/chat/main.ts")];
    const { code, stdout, stderr } = await runCommand([Deno.execPath(), ...command], {
      env: { STACK_DIR: folder },
      input: "hello\nfail\n/quit\n",
      signal: AbortSignal.timeout(30_000),
    });
    equal(code, 0, stderr);
    match(stdout, /Talking to m.*hidden as alice@example\.com/);
    match(stdout, /\]0;owned\[2J2Jhiddenfine\n/);
    match(stderr, /No \]0;owned\[2J2Jhidden/);
    // deno-lint-ignore no-control-regex -- these are what must not be printed.
    equal(/(?!\n)[\x00-\x1f\x7f-\x9f\u202e]/.test(stdout + stderr), false, stdout + stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
