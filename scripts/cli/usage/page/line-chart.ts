import { type Html, html } from "./html.ts";
import { middleOf, percent, type Plot, plot } from "./plot.ts";

/** A value for each day; null where there is none, and there the line is broken. */
export interface Line {
  name: string;
  points: readonly { value: number | null; title: string }[];
}

/** Lines through the days. */
export function lineChart(frame: Plot, lines: readonly Line[]): Html {
  return plot(frame, html`${lines.map((line, index) => drawn(line, index + 1, frame))}`);
}

function drawn({ points }: Line, number: number, { scale }: Plot): Html {
  const places = points.map(({ value, title }, index) => ({
    x: middleOf(index, points.length),
    y: value === null ? null : 1 - scale.at(value),
    title,
  }));
  // The line has its own coordinate system, since paths have no percentages, and its stroke must
  // not be stretched.
  return html`
    <svg class="line line-${number}" viewBox="0 0 100 100" preserveAspectRatio="none">
      <path d="${pathThrough(places)}" />
    </svg>
    ${places.flatMap(({ x, y, title }) =>
      y === null ? [] : [html`
        <circle class="point-${number}" cx="${percent(x)}" cy="${percent(
          y,
        )}" r="${points.length > 62 ? 2 : 3}">
          <title>${title}</title>
        </circle>
      `]
    )}
  `;
}

function pathThrough(places: readonly { x: number; y: number | null }[]): string {
  return places.flatMap(({ x, y }, index) =>
    y === null
      ? []
      : `${(places[index - 1]?.y ?? null) === null ? "M" : "L"}${(100 * x).toFixed(3)} ${
        (100 * y).toFixed(3)
      }`
  ).join("");
}
