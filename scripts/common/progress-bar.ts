/** How far something has come. */
export interface ProgressBar {
  show(done: number, total: number): void;
  /** Leaves the bar as it is and goes to the next line. */
  end(): void;
}

/**
 * A bar in a terminal, a line every tenth elsewhere.
 *
 * @param noun What is counted, such as "turns".
 */
export function createProgressBar(noun: string): ProgressBar {
  const isTerminal = Deno.stdout.isTerminal();
  const steps = isTerminal ? 50 : 10;
  const startedAt = performance.now();
  let shown = -1;
  let hasEnded = false;
  return {
    show(done, total) {
      const step = total === 0 ? steps : Math.min(steps, Math.floor((done / total) * steps));
      if (step === shown) return;
      shown = step;
      const seconds = (performance.now() - startedAt) / 1000;
      const rate = seconds > 0 ? Math.round(done / seconds) : 0;
      const text = `${done} of ${total} ${noun}, ${seconds.toFixed(0)} s, ${rate} a second`;
      const line = isTerminal
        ? `\r[${"#".repeat(step)}${".".repeat(steps - step)}] ${text} `
        : `  ${text}\n`;
      Deno.stdout.writeSync(new TextEncoder().encode(line));
    },
    end() {
      if (isTerminal && !hasEnded) console.log();
      hasEnded = true;
    },
  };
}
