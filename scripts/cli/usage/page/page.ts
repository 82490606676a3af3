import { writtenDay } from "../../../common/days.ts";
import { counted, exactCount, exactDollars, largest, meanRating, shortCount } from "../numbers.ts";
import { BREAKDOWNS, type Rating, type UsageReport } from "../report.ts";
import { calendarOf, rangeOf, summaryOf, titleOf } from "../words.ts";
import { barChart } from "./bar-chart.ts";
import { Html, html } from "./html.ts";
import { lineChart } from "./line-chart.ts";
import { ranking } from "./ranking.ts";
import { scaleOf, scaleTo } from "./scale.ts";
import { style } from "./style.ts";
import { table } from "./table.ts";

/**
 * The report as one self-contained page: it has no script, fetches nothing, and its content
 * security policy forbids both.
 */
export function usagePage(report: UsageReport): string {
  const { total } = report;
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'">
        <title>${titleOf(report)}</title>
        <style>${new Html(style)}</style>
      </head>
      <body>
        <header>
          <h1>${report.organization ?? "All organizations"}</h1>
          <p>${rangeOf(report)} · ${calendarOf(report)}</p>
        </header>
        <main>
    ${total.unpriced === 0
      ? html``
      : html`<p class="warning">The price of ${
        counted(total.unpriced, "turn")
      } is unknown; the costs exclude ${total.unpriced === 1 ? "it" : "them"}.</p>`}
    <dl class="tiles">
    ${summaryOf(report).slice(1).map(({ name, value, note }) =>
      html`
        <div>
          <dt>${name}</dt>
          <dd class="value">${value}</dd>
          <dd class="note">${note}</dd>
        </div>
      `
    )}</dl>
    <div class="cards">
    ${costByDay(report)}
    ${tokensByDay(report)}
    ${ratingsByDay(report)}
    ${BREAKDOWNS.map((name) => {
      const rows = report.by[name] ?? [];
      return rows.length === 0 ? html`` : ranking(name, rows, total);
    })}
    </div>
        </main>
        <footer>Read from the ledger on ${report.readAt.toISOString().slice(0, 16).replace(
          "T",
          " at ",
        )} UTC. An agent with several features counts with each of them; what people recorded by hand and deleted counts nowhere.</footer>
      </body>
    </html>
  `.text;
}

function costByDay({ days, total }: UsageReport): Html {
  const costs = days.map(({ total_cost }) => Number(total_cost));
  const name = "Cost by day";
  return html`<section class="card wide">
<h2>${name}</h2>
${
    barChart(
      {
        description: `${name}: ${exactDollars(total.total_cost)} in all, ${
          exactDollars(`${Math.max(0, largest(costs))}`)
        } on the most expensive day`,
        days: days.map(({ key }) => key),
        scale: scaleTo(largest(costs)),
        write: (value) => `$${value.toLocaleString("en-US", { maximumFractionDigits: 10 })}`,
      },
      days.map(({ key, total_cost, interactions }) => ({
        parts: [Number(total_cost)],
        title: `${writtenDay(key)}: ${exactDollars(total_cost)}, ${
          counted(interactions, "interaction")
        }`,
      })),
    )
  }
${
    table(
      name,
      ["day", "cost", "recorded", "interactions", "failed"],
      days.map(({ key, total_cost, recorded_cost, interactions, failed }) => [
        writtenDay(key),
        exactDollars(total_cost),
        exactDollars(recorded_cost),
        exactCount(interactions),
        exactCount(failed),
      ]),
    )
  }
</section>`;
}

function tokensByDay({ days, total }: UsageReport): Html {
  const name = "Tokens by day";
  return html`<section class="card">
${legend("in", "out")}
<h2>${name}</h2>
${
    barChart(
      {
        description: `${name}: ${exactCount(total.input_tokens)} in and ${
          exactCount(total.output_tokens)
        } out in all`,
        days: days.map(({ key }) => key),
        scale: scaleTo(
          largest(
            days.map(({ input_tokens, output_tokens }) => Number(input_tokens + output_tokens)),
          ),
        ),
        write: shortCount,
      },
      days.map(({ key, input_tokens, output_tokens }) => ({
        parts: [Number(input_tokens), Number(output_tokens)],
        title: `${writtenDay(key)}: ${exactCount(input_tokens)} in, ${
          exactCount(output_tokens)
        } out`,
      })),
    )
  }
${
    table(
      name,
      ["day", "in", "out"],
      days.map(({ key, input_tokens, output_tokens }) => [
        writtenDay(key),
        exactCount(input_tokens),
        exactCount(output_tokens),
      ]),
    )
  }
</section>`;
}

function ratingsByDay({ days, total }: UsageReport): Html {
  const name = "Satisfaction by day";
  const line = (word: string, of: (day: typeof days[number]) => Rating) => ({
    name: word,
    points: days.map((day) => ({
      value: of(day).mean,
      title: `${writtenDay(day.key)}: ${word} ${meanRating(of(day))}, ${
        counted(of(day).ratings, "rating")
      }`,
    })),
  });
  return html`<section class="card">
${legend("satisfaction", "usefulness")}
<h2>${name}</h2>
${
    lineChart({
      description: `${name}: ${meanRating(total.satisfaction)} of 5 in all, usefulness ${
        meanRating(total.usefulness)
      }`,
      days: days.map(({ key }) => key),
      scale: scaleOf([1, 2, 3, 4, 5]),
      write: String,
    }, [
      line("satisfaction", ({ satisfaction }) => satisfaction),
      line("usefulness", ({ usefulness }) => usefulness),
    ])
  }
${
    table(
      name,
      ["day", "satisfaction", "ratings", "usefulness", "ratings"],
      days.map(({ key, satisfaction, usefulness }) => [
        writtenDay(key),
        meanRating(satisfaction),
        exactCount(satisfaction.ratings),
        meanRating(usefulness),
        exactCount(usefulness.ratings),
      ]),
    )
  }
</section>`;
}

function legend(...names: string[]): Html {
  return html`<ul class="legend">${names.map((name) => html`<li>${name}</li>`)}</ul>`;
}
