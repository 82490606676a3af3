const day = 86_400_000;

/** Whether a text is a day of the calendar, as YYYY-MM-DD. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  return !Number.isNaN(time) && isoDay(time) === text;
}

/** The day that is this number of days later, or earlier if the number is negative. */
export function addDays(from: string, count: number): string {
  return isoDay(Date.parse(from) + count * day);
}

/** Every day from one to another, both included. */
export function daysBetween(from: string, to: string): string[] {
  const length = Math.round((Date.parse(to) - Date.parse(from)) / day) + 1;
  return Array.from({ length }, (_, index) => addDays(from, index));
}

// Created once, since a report of ten years formats thousands of days.
const forms = {
  long: dayFormat({ day: "numeric", month: "short", year: "numeric" }),
  short: dayFormat({ day: "numeric", month: "short" }),
  weekday: dayFormat({ weekday: "short", day: "2-digit", month: "short" }),
};

function dayFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
}

/** A day as people write it: 24 Oct 2026, or in less room 24 Oct or Sat 24 Oct. */
export function writtenDay(text: string, form: keyof typeof forms = "long"): string {
  return forms[form].format(new Date(text)).replace(",", "").replace("Sept", "Sep");
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
