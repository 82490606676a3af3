import { deepEqual, equal, match } from "node:assert/strict";
import { stack } from "./support/stack.ts";

const script = (name: string) => new URL(`../../scripts/${name}/main.ts`, import.meta.url).pathname;

async function run(name: string, args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", script(name), ...args],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("keys are re-encrypted while users use them, through two crashes, and none is lost", async () => {
  const { code, stdout, stderr } = await run("measure/rotation-drill", [
    ...["--keys", "400", "--clients", "4", "--batch", "20"],
  ]);
  // Failed checks come first, since a long report is truncated.
  equal(code, 0, [...stdout.match(/FAILED.*/g) ?? [], stdout, stderr].join("\n"));
  match(stdout, /All checks passed: \d+ keys\./);
});

Deno.test("keys:rotate reports what it did, and what prevents it", async () => {
  const where = { FUNCTIONS_URL: stack.FUNCTIONS_URL, SECRET_KEY: stack.SECRET_KEY };
  const done = await run("cli/keys-rotate", [], where);
  // Other tests leave ciphertexts behind that no key can decrypt.
  match(done.stdout, /^(.|\n)*0 values re-encrypted with the key "local"/);
  deepEqual((await run("cli/keys-rotate", ["--help"])).code, 0);
  for (
    const [args, env, says] of [
      [["--batch", "0"], where, /is not a whole number from 1 to 1000/],
      [["--all"], where, /Unknown option/],
      [[], { ...where, SECRET_KEY: "sb_secret_guessed" }, /not a secret key of this project/],
      [
        [],
        { FUNCTIONS_URL: "", SECRET_KEY: "", STACK_DIR: "/nothing/here" },
        /no stack is running/,
      ],
    ] as const
  ) {
    const { code, stderr } = await run("cli/keys-rotate", [...args], env);
    equal(code, 2, stderr);
    match(stderr, says);
  }
});
