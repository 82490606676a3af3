import { runCommand } from "../../common/run-command.ts";
import { readDenoSummary } from "./deno-summary.ts";
import type { Results } from "../results.ts";
import { toolPath } from "../../common/tool-path.ts";

export interface DenoTests {
  root: string;
  /** Files or folders, relative to the root. */
  paths: readonly string[];
  /** Added to the environment of this process. */
  env?: Record<string, string>;
  signal: AbortSignal;
  results: Results;
}

/** Tests that take longer than this hang, in milliseconds. */
const patience = 1_800_000;

/** Runs Deno tests and counts them, failures with what Deno said about them. */
export async function runDenoTests(
  { root, paths, env, signal, results }: DenoTests,
): Promise<void> {
  const { code, output } = await runCommand(
    // Types have been checked by the format layer.
    [toolPath(root, "deno"), "test", "--allow-all", "--no-check", ...paths],
    { cwd: root, env, signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]) },
  );
  const name = `deno test ${paths.join(" ")}`;
  const summary = readDenoSummary(output);
  if (summary === null) {
    results.failures.push({ name, detail: `It ended with exit code ${code}:\n${output}` });
    return;
  }
  results.passed += summary.passed;
  if (summary.passed + summary.failed === 0) {
    results.failures.push({ name, detail: "It found no test" });
  }
  if (summary.ignored > 0) {
    results.failures.push({
      name,
      detail: `${summary.ignored} tests are ignored: a test must run`,
    });
  }
  // Each failure is one, and Deno's own report, which holds them all, is printed once.
  const detail = output.slice(Math.max(0, output.indexOf(" ERRORS ")));
  const failed = Math.max(summary.failed, code === 0 ? 0 : 1);
  for (let index = 0; index < failed; index++) {
    results.failures.push({
      name: summary.names[index] ?? name,
      detail: index === 0 ? detail : "",
    });
  }
}
