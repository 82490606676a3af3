/** Notices that nothing has happened for a while. */
export interface IdleTimer {
  /** Something has happened, or is waited for from here on. */
  touch(): void;
  /** Nothing is waited for until the next {@linkcode touch}. */
  pause(): void;
  /** Ends it. */
  stop(): void;
}

/**
 * Calls `expired` each time that nothing has happened for so long. It keeps one timer, however much
 * happens: a stream that set one for each of its events would do little else.
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
