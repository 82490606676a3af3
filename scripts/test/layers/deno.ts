import type { Layer } from "../layer.ts";
import { runDenoTests } from "../support/run-deno-tests.ts";

/** Deno tests that need nothing but themselves. */
export function denoLayer(name: string, paths: readonly string[], covers: string): Layer {
  return {
    name,
    covers,
    async run({ root, workspace, tally }) {
      await runDenoTests({ root, paths, signal: workspace.signal, tally });
    },
  };
}
