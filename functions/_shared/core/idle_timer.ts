/** Notices that nothing has happened for a while. */
export interface IdleTimer {
  /** Restarts the timer: something has happened, or is expected from now on. */
  touch(): void;
  /** Pauses the timer until the next {@linkcode touch}. */
  pause(): void;
  /** Stops the timer. */
  stop(): void;
}

/**
 * Calls `expired` whenever nothing has happened for the given time. Uses a single timer: setting
 * one for each event of a stream would be too expensive.
 *
 * @param milliseconds How long.
 */
export function createIdleTimer(milliseconds: number, expired: () => void): IdleTimer {
  let since: number | null = performance.now();
  let timer = setTimeout(check, milliseconds);

  function check(): void {
    const left = since === null ? milliseconds : since + milliseconds - performance.now();
    timer = setTimeout(check, left > 0 ? Math.ceil(left) : milliseconds);
    if (left > 0) return;
    since = performance.now();
    expired();
  }

  return {
    touch: () => void (since = performance.now()),
    pause: () => void (since = null),
    stop: () => clearTimeout(timer),
  };
}
