import { deepEqual, equal } from "node:assert/strict";
import { pathInProject } from "../../common/path-in-project.ts";

const root = pathInProject(".");

async function deno(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  equal(code, 0, decoder.decode(stderr));
  return decoder.decode(stdout);
}

Deno.test("every branch, function and line of the encryption is tested", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-coverage-" });
  try {
    const tests = "tests/functions/encryption_test.ts";
    await deno("test", "--allow-all", "--no-check", `--coverage=${folder}`, tests);
    const table = await deno("coverage", folder, "--include=functions/_shared/crypto");
    const rows = table.split("\n").map((line) => line.split("|").map((cell) => cell.trim()))
      .filter(([, file]) => /(^|\/)(blob|envelope|keyring)\.ts$/.test(file ?? ""));
    deepEqual(rows.map(([, file, ...shares]) => [file?.split("/").at(-1), ...shares.slice(0, 3)]), [
      ["blob.ts", "100.0", "100.0", "100.0"],
      ["envelope.ts", "100.0", "100.0", "100.0"],
      ["keyring.ts", "100.0", "100.0", "100.0"],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
