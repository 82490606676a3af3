import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { pathInProject } from "../../../scripts/common/path-in-project.ts";
import { runCommand } from "../../../scripts/common/run-command.ts";
import type { StackEnvironment } from "../../../scripts/stack/folder/environment-file.ts";
import { signIn } from "../../../scripts/stack/sign-in.ts";
import type { Browser, Page } from "./browser.ts";
import { servePage } from "./page_server.ts";

/** What pages look like where it does not matter. */
export const looks = { width: 1280, scheme: "light" } as const;

/** A page that runs a module and keeps what it exports as `results`. */
const BLANK_PAGE = `<!doctype html><title>Printed</title><script type="module">
  import("/printed.ts").then(({ results }) => globalThis.outcome = { results })
    .catch((error) => globalThis.outcome = { failure: error.stack ?? String(error) });
</script>`;

/** @returns the access token of alice, who is in the seed */
export async function signInAsAlice(
  { API_URL, PUBLISHABLE_KEY }: StackEnvironment,
): Promise<string> {
  const alice = await signIn({
    apiUrl: API_URL,
    publishableKey: PUBLISHABLE_KEY,
    email: "alice@example.com",
    password: "agentbase",
  });
  ok("token" in alice, "reason" in alice ? alice.reason : undefined);
  return alice.token;
}

/** The snippets of a page of documentation as one module, after some constants. */
export async function snippets(file: string, constants: Record<string, unknown> = {}) {
  const text = await Deno.readTextFile(pathInProject(file));
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  const lines = Object.entries(constants)
    .map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`);
  return [...lines, ...blocks].join("\n");
}

/**
 * Runs a module in a page.
 *
 * @returns the values of these names
 * @throws {AssertionError} when the module fails.
 */
export async function runInPage(
  browser: Browser,
  module: string,
  names: readonly string[],
  // deno-lint-ignore no-explicit-any -- a test reads into whatever a page has.
): Promise<any> {
  const exported = `${module}\nexport const results = { ${names.join(", ")} };`;
  await using server = servePage({ "/": BLANK_PAGE, "/printed.ts": exported });
  const page = await browser.open(`http://127.0.0.1:${server.addr.port}/`, looks);
  const { results, failure } = Object(await valueOf(page, "globalThis.outcome"));
  equal(failure, undefined, [failure, ...page.complaints].join("\n"));
  return results;
}

/** Waits until an expression has a value in the page. */
export async function valueOf(page: Page, expression: string): Promise<unknown> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const value = await page.evaluate(expression);
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The page does not come to ${expression}:\n${page.complaints.join("\n")}`);
}

/** A folder as an application has it, in which programs run modules. */
export interface Application {
  /**
   * Runs a program on a module.
   *
   * @param command The program and its arguments, to which the module's name is added.
   * @param env Added to its environment.
   * @returns what it says
   */
  run(
    command: [string, ...string[]],
    module: string,
    env?: Record<string, string>,
  ): Promise<string>;
}

/** Makes such a folder, with the packages and the types of the database. */
export async function makeApplication(folder: string): Promise<Application> {
  await Deno.mkdir(folder);
  await Deno.symlink(pathInProject("node_modules"), join(folder, "node_modules"));
  await Deno.copyFile(
    pathInProject("functions/_shared/database/database.types.ts"),
    join(folder, "database.types.ts"),
  );
  await Deno.writeTextFile(join(folder, "deno.json"), `{"nodeModulesDir": "manual"}`);
  await Deno.writeTextFile(join(folder, "package.json"), `{"type": "module"}`);
  return {
    async run(command, module, env = {}) {
      await Deno.writeTextFile(join(folder, "main.ts"), module);
      const { code, output } = await runCommand([...command, "main.ts"], { cwd: folder, env });
      match(`exit code ${code}\n${output}`, /^exit code 0\n/);
      return output;
    },
  };
}
