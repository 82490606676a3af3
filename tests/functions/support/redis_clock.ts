/** A clock that a test controls: the value of Date.now() until the clock is disposed. */
export interface TestClock extends Disposable {
  now(): number;
  /** Sets the clock, forward or back, in milliseconds since the epoch. */
  set(moment: number): void;
  advance(milliseconds: number): void;
}

/** Replaces Date.now(), which the rate limiter's library reads. */
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
