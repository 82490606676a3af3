/** A line that grows in a terminal, and a line every tenth elsewhere. */
export interface ProgressLine {
  show(done: number, total: number): void;
  end(): void;
}

/** Starts one; `what` is counted. */
export function createProgressLine(what: string): ProgressLine {
  const isTerminal = Deno.stdout.isTerminal();
  const steps = isTerminal ? 50 : 10;
  const startedAt = performance.now();
  let shown = -1;
  return {
    show(done, total) {
      const step = total === 0 ? steps : Math.floor((done / total) * steps);
      if (step === shown) return;
      shown = step;
      const seconds = (performance.now() - startedAt) / 1000;
      const rate = seconds > 0 ? Math.round(done / seconds) : 0;
      const text = `${done} of ${total} ${what}, ${seconds.toFixed(0)} s, ${rate} a second`;
      const line = isTerminal
        ? `\r[${"#".repeat(step)}${".".repeat(steps - step)}] ${text} `
        : `  ${text}\n`;
      Deno.stdout.writeSync(new TextEncoder().encode(line));
    },
    end: () => void (isTerminal && console.log()),
  };
}
