import { writtenDay } from "../../../common/days.ts";
import { type Html, html } from "./html.ts";
import type { Scale } from "./scale.ts";

/** The frame of a chart of days. */
export interface Plot {
  /** The text alternative of the chart. */
  description: string;
  /** Its days, as YYYY-MM-DD. */
  days: readonly string[];
  scale: Scale;
  /** Writes a value of the scale. */
  write: (value: number) => string;
}

/** Days that are labelled below a chart; more would overlap on a phone. */
const mostNames = 4;

/**
 * A chart of days: the scale's lines and labels, labels of some days, and the marks between them.
 * All lengths are percentages, so it fits any width and text keeps its size.
 */
export function plot({ description, days, scale, write }: Plot, marks: Html): Html {
  const from = (tick: number) => percent(1 - scale.at(tick));
  return html`
    <div class="plot">
      <div class="scale" aria-hidden="true">${scale.ticks.map((tick) =>
        html`<span style="top:${from(tick)}">${write(tick)}</span>`
      )}</div>
      <svg role="img" aria-label="${description}">
    ${scale.ticks.map((tick) =>
      html`
        <line class="grid" x1="0" x2="100%" y1="${from(tick)}" y2="${from(tick)}" />
      `
    )}
    ${marks}
      </svg>
      <div class="names" aria-hidden="true">${namedDays(days).map((index) =>
        dayName(days, index)
      )}</div>
    </div>
  `;
}

/** The middle of a day's column, 0 to 1. */
export function middleOf(index: number, days: number): number {
  return (index + 0.5) / days;
}

/** A share of a length as CSS and SVG take it. */
export function percent(part: number): string {
  return `${Number((100 * part).toFixed(3))}%`;
}

/** Indexes of the days to name, evenly apart, the last one among them. */
export function namedDays(days: readonly unknown[]): number[] {
  const step = Math.ceil(days.length / mostNames);
  return days.map((_, index) => index).filter((index) => (days.length - 1 - index) % step === 0);
}

function dayName(days: readonly string[], index: number): Html {
  const left = percent(middleOf(index, days.length));
  return html`<span style="left:${left}">${writtenDay(days[index] ?? "", "short")}</span>`;
}
