import { type Html, html } from "./html.ts";
import { middleOf, percent, type Plot, plot } from "./plot.ts";

/** One day's bar: its parts, from the bottom to the top. */
export interface Bar {
  parts: readonly number[];
  /** What it says when pointed at. */
  title: string;
}

/** Part of a day's width that its bar takes. */
const thickness = 0.76;

/** Bars side by side, one a day. */
export function barChart(frame: Plot, bars: readonly Bar[]): Html {
  return plot(frame, html`${bars.map((bar, index) => drawn(bar, index, bars.length, frame))}`);
}

function drawn({ parts, title }: Bar, index: number, count: number, { scale }: Plot): Html {
  const left = percent(middleOf(index, count) - thickness / 2 / count);
  let below = 0;
  const rects = parts.map((value, part) => {
    below += value;
    return value <= 0 ? html`` : html`
      <rect class="bar part-${part + 1}" x="${left}" width="${percent(
        thickness / count,
      )}" y="${percent(1 - scale.at(below))}"
        height="${percent(scale.at(value))}" />
    `;
  });
  return html`
    <g
      class="day"><title>${title}</title><rect class="hit" x="${percent(
        index / count,
      )}" width="${percent(1 / count)}" y="0" height="100%"/>${rects}</g>
  `;
}
