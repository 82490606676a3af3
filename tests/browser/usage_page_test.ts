import { deepEqual, equal, ok } from "node:assert/strict";
import { exactDollars } from "../../scripts/cli/usage/numbers.ts";
import { usagePage } from "../../scripts/cli/usage/page/page.ts";
import { hostileName, noFigures, sampleReport } from "../../scripts/cli/usage/sample-report.ts";
import { fileUrl, type Looks, type Page, startBrowser } from "./support/browser.ts";

const report = sampleReport();
const looks: Looks[] = [360, 1280].flatMap((width) => [
  { width, scheme: "light" as const },
  { width, scheme: "dark" as const },
]);

/** Where things lie outside the window, by what they are; scrolled regions may hold more than they show. */
const sticksOut = `[...document.querySelectorAll("body *")]
  .filter((element) => !element.closest(".scroll > table, svg.line"))
  .filter((element) => {
    const { left, right, width } = element.getBoundingClientRect();
    return width > 0 && (left < -0.5 || right > innerWidth + 0.5);
  })
  .map((element) => element.tagName + "." + element.getAttribute("class"))`;

/** Pairs of texts on one line of a chart that run into each other. */
const collisions =
  `[...document.querySelectorAll(".names, .ranking li, .tiles div")].flatMap((line) => {
  const boxes = [...line.querySelectorAll("span, dt, dd")].map((text) => ({
    text: text.textContent, box: text.getBoundingClientRect(),
  }));
  return boxes.flatMap(({ text, box }, index) => boxes.slice(index + 1)
    .filter((other) => other.box.left < box.right && box.left < other.box.right &&
      other.box.top < box.bottom - 1 && box.top < other.box.bottom - 1)
    .map((other) => text + " | " + other.text));
})`;

/** Texts with less contrast to what is behind them than WCAG AA wants, 4.5 to 1. */
const faintTexts = `(() => {
  const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => rgb(color).slice(0, 3)
    .map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return (rgb(color)[3] ?? 1) === 0 && element.parentElement ? ground(element.parentElement) : color;
  };
  return [...document.querySelectorAll("h1, h2, p, dt, dd, li, span, small, summary, th, td, footer")]
    .map((element) => ({ element, lights: [getComputedStyle(element).color, ground(element)].map(light) }))
    .filter(({ lights: [one, other] }) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05) < 4.5)
    .map(({ element }) => element.tagName + " " + element.textContent.slice(0, 40));
})()`;

const texts = (selector: string) =>
  `[...document.querySelectorAll(${
    JSON.stringify(selector)
  })].map((element) => element.textContent)`;

Deno.test("the usage page fits every screen and shows what the report says", async (test) => {
  await using browser = await startBrowser();
  const url = await fileUrl(usagePage(report));
  for (const look of looks) {
    await test.step(`at ${look.width} pixels, ${look.scheme}`, async (test) => {
      const page = await browser.open(url, look);
      await keepPicture(page, look);
      await test.step("nothing overflows or overlaps", async () => {
        equal(await page.evaluate("document.documentElement.scrollWidth"), look.width);
        deepEqual(await page.evaluate(sticksOut), []);
        deepEqual(await page.evaluate(collisions), []);
        await page.evaluate(
          "document.querySelectorAll('details').forEach((one) => one.open = true)",
        );
        equal(await page.evaluate("document.documentElement.scrollWidth"), look.width);
        deepEqual(await page.evaluate(sticksOut), []);
      });
      await test.step("its colours have enough contrast", async () => {
        const ground = await page.evaluate("getComputedStyle(document.body).backgroundColor");
        equal(ground, look.scheme === "light" ? "rgb(246, 246, 243)" : "rgb(17, 20, 23)");
        deepEqual(await page.evaluate(faintTexts), []);
      });
      await test.step("the browser logs no error and fetches nothing else", () => {
        deepEqual(page.complaints, []);
        equal(page.requests.length, 1, page.requests.join("\n"));
      });
    });
  }

  const page = await browser.open(url, { width: 1280, scheme: "light" });
  await test.step("there is a chart for each heading, as tall as its day", async () => {
    deepEqual(await page.evaluate(texts("h2")), [
      "Cost by day",
      "Tokens by day",
      "Satisfaction by day",
      "By vendor",
      "By model",
      "By agent",
      "By user",
    ]);
    const heights = await page.evaluate(
      `[...document.querySelector(".card").querySelectorAll(".day")].map((day) => {
        const bar = day.querySelector(".bar");
        return bar ? bar.getBoundingClientRect().height : 0;
      })`,
    );
    ok(Array.isArray(heights));
    const [plotted, costs] = [heights, report.days.map(({ total_cost }) => Number(total_cost))];
    const unit = Math.max(...plotted) / Math.max(...costs);
    plotted.forEach((height, index) => {
      ok(Math.abs(height - (costs[index] ?? NaN) * unit) < 0.1, `day ${index}: ${height}`);
    });
    equal(plotted[11], 0);
    equal(await page.evaluate("document.querySelectorAll('.point-1').length"), 29);
    equal(await page.evaluate("document.querySelectorAll('.ranking .bar').length"), 4 + 3 + 8 + 3);
  });
  await test.step("the numbers are those of the report, to the last decimal", async () => {
    const cells = await page.evaluate(texts("section:first-child td:nth-child(2)"));
    deepEqual(cells, report.days.map(({ total_cost }) => exactDollars(total_cost)));
    const [cost] = [await page.evaluate(texts(".tiles .note"))].flat();
    equal(cost, `exactly ${exactDollars(report.total.total_cost)}`);
  });
  await test.step("every chart has a text alternative", async () => {
    const labels = await page.evaluate(
      `[...document.querySelectorAll("svg[role=img]")].map((svg) => svg.getAttribute("aria-label"))`,
    );
    equal(String(labels).match(/by day: \S+/g)?.length, 3);
    equal(await page.evaluate("document.querySelectorAll('section table caption').length"), 7);
    equal(await page.evaluate("document.querySelectorAll('th:not([scope])').length"), 0);
  });
  await test.step("a hostile name is shown as text", async () => {
    equal(await page.evaluate("document.querySelectorAll('script, img').length"), 0);
    const labels = await page.evaluate(texts(".ranking .label"));
    const shown = hostileName.replace("\x1b", "").replace("\u202e", "");
    ok(Array.isArray(labels) && labels.includes(shown), String(labels));
  });
});

Deno.test("a month without usage has a page without bars, and nothing overflows", async () => {
  const days = report.days.map(({ key, label }) => ({ key, label, ...noFigures }));
  const nothing = { ...report, days, total: noFigures, by: {} };
  await using browser = await startBrowser();
  const page = await browser.open(await fileUrl(usagePage(nothing)), {
    width: 360,
    scheme: "light",
  });
  deepEqual(page.complaints, []);
  equal(await page.evaluate("document.querySelectorAll('.bar').length"), 0);
  deepEqual(await page.evaluate(sticksOut), []);
});

/** For eyes: where USAGE_PICTURES names a folder, what was looked at is kept there. */
async function keepPicture(page: Page, { width, scheme }: Looks): Promise<void> {
  const folder = Deno.env.get("USAGE_PICTURES");
  const picture = await page.picture();
  ok(picture.length > 10_000);
  if (folder !== undefined) await Deno.writeFile(`${folder}/usage-${width}-${scheme}.png`, picture);
}
