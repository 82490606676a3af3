const day = 86_400_000;

/** The calendar day of a moment in a time zone, as YYYY-MM-DD. */
export function dayIn(timeZone: string, moment: Date): string {
  // Swedish dates are ISO 8601.
  return moment.toLocaleDateString("sv-SE", { timeZone });
}

/** The latest day that has begun somewhere on earth: 14 hours ahead of UTC it begins first. */
export function latestDayAnywhere(moment: Date): string {
  return new Date(moment.getTime() + 14 * 3_600_000).toISOString().slice(0, 10);
}

/** Whether a text is a day of the calendar, as YYYY-MM-DD. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  return !Number.isNaN(time) && isoDay(time) === text;
}

/** The day so many days later, or earlier where the number is negative. */
export function addDays(from: string, count: number): string {
  return isoDay(Date.parse(from) + count * day);
}

/** Every day from one to another, both included. */
export function daysBetween(from: string, to: string): string[] {
  const count = Math.round((Date.parse(to) - Date.parse(from)) / day) + 1;
  return Array.from({ length: count }, (_, index) => addDays(from, index));
}

/** A day as people write it: 24 Oct 2026, or in less room 24 Oct or Sat 24 Oct. */
export function writtenDay(text: string, form: "long" | "short" | "weekday" = "long"): string {
  return new Date(text).toLocaleDateString("en-GB", {
    timeZone: "UTC",
    weekday: form === "weekday" ? "short" : undefined,
    day: form === "weekday" ? "2-digit" : "numeric",
    month: "short",
    year: form === "long" ? "numeric" : undefined,
  }).replace(",", "").replace("Sept", "Sep");
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
