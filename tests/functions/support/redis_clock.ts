/** A clock that a test moves: what Date.now() says until the clock is disposed of. */
export interface TestClock extends Disposable {
  now(): number;
  /** Goes forward, or back, to a moment in milliseconds since the epoch. */
  set(moment: number): void;
  advance(milliseconds: number): void;
}

/** Replaces Date.now(): the rate limiter's library reads it by itself. */
export function takeClock(start: number): TestClock {
  const real = Date.now;
  let moment = start;
  Date.now = () => moment;
  return {
    now: () => moment,
    set: (to) => void (moment = to),
    advance: (milliseconds) => void (moment += milliseconds),
    [Symbol.dispose]: () => void (Date.now = real),
  };
}
