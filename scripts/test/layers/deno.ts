import type { Layer } from "../layer.ts";
import { runTestsWithRedis } from "../support/redis-tests.ts";

/** Deno tests that start by themselves what they need. */
export function denoLayer(name: string, paths: readonly string[], covers: string): Layer {
  return {
    name,
    covers,
    async run({ root, workspace, results }) {
      await runTestsWithRedis({ root, paths, signal: workspace.signal, results });
    },
  };
}
