import type { Stack } from "../create-stack.ts";

/** Signals closer together than this are one: npm and the terminal both pass on the same Ctrl-C. */
const sameKeypress = 500;

/**
 * Stops the stack and ends the process on Ctrl-C, SIGTERM or a closed terminal; a second one does not
 * wait for anything.
 *
 * @returns a function that tells whether a signal came.
 */
export function stopOnSignal(stack: Stack): () => boolean {
  let firstAt: number | null = null;
  const onSignal = async () => {
    if (firstAt === null) {
      firstAt = performance.now();
      console.log("\nStopping (again to stop at once)");
      await stack.stop();
      Deno.exit(0);
    }
    if (performance.now() - firstAt < sameKeypress) return;
    await stack.kill();
    Deno.exit(130);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, onSignal);
  }
  return () => firstAt !== null;
}
