import { type Compared, measureOf, sumOf } from "../compared.ts";
import {
  counted,
  exactCount,
  exactDollars,
  largest,
  meanRating,
  share,
  shortCount,
  shortDollars,
} from "../numbers.ts";
import type { Figures, UsageRow } from "../report.ts";
import { type Html, html } from "./html.ts";
import { percent } from "./plot.ts";
import { table } from "./table.ts";

/** Further rows are summed up in one; the table below has all of them. */
const mostRows = 8;

/** Bars from left to right, the longest first, with everything known of each in the table below. */
export function ranking(name: string, rows: readonly UsageRow[], total: Figures): Html {
  // If nothing has a cost, interactions are compared.
  const isCost = Number(total.total_cost) > 0;
  const measure = measureOf(total);
  const write = (figures: Compared) =>
    isCost ? shortDollars(figures.total_cost) : shortCount(figures.interactions);
  const top = rows.length > mostRows + 1 ? rows.slice(0, mostRows) : rows;
  const rest = rows.slice(top.length);
  const longest = largest(rows.map(measure));
  return html`<section class="card">
<h2>By ${name}</h2>
<ol class="ranking">
${
    top.map((row) =>
      html`
        <li><span class="label">${row.label}</span><span class="value">${write(row)} <small>${share(
          measure(row),
          measure(total),
        )}</small></span><svg aria-hidden="true"><rect class="track" width="100%" height="100%" rx="4"/><rect class="bar part-1" width="${percent(
          measure(row) / longest,
        )}" height="100%" rx="4"/></svg></li>
      `
    )
  }${
    rest.length === 0 ? html`` : html`
      <li
        class="rest"><span class="label">${counted(
          rest.length,
          "other",
        )}</span><span class="value">${write(sumOf(rest))} <small>${share(
          measure(sumOf(rest)),
          measure(total),
        )}</small></span></li>
    `
  }</ol>
${figuresTable(name, rows)}
</section>`;
}

/** Everything that is known of each. */
function figuresTable(name: string, rows: readonly UsageRow[]): Html {
  return table(
    `Usage by ${name}`,
    [
      name,
      "cost",
      "recorded",
      "interactions",
      "failed",
      "tokens in",
      "tokens out",
      "satisfaction",
      "usefulness",
    ],
    rows.map((row) => [
      row.label,
      exactDollars(row.total_cost),
      exactDollars(row.recorded_cost),
      exactCount(row.interactions),
      exactCount(row.failed),
      exactCount(row.input_tokens),
      exactCount(row.output_tokens),
      meanRating(row.satisfaction),
      meanRating(row.usefulness),
    ]),
  );
}
