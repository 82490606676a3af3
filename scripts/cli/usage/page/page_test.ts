import { deepEqual, doesNotMatch, equal, ok } from "node:assert/strict";
import { sampleReport } from "../sample-report.ts";
import { escapeHtml, html } from "./html.ts";
import { namedDays } from "./plot.ts";
import { usagePage } from "./page.ts";
import { scaleTo } from "./scale.ts";

Deno.test("text is escaped in a page", () => {
  equal(
    html`<b title="${`"'><i>`}">${"a & b"}</b>${[html`<i>${1}</i>`]}`.text,
    `<b title="&quot;&#39;&gt;&lt;i&gt;">a &amp; b</b><i>1</i>`,
  );
  equal(escapeHtml("\x00a\u202eb\ud800c\n"), "abc\n");
});

Deno.test("a scale has round steps and reaches the highest value", () => {
  deepEqual(scaleTo(13.1).ticks, [0, 5, 10, 15]);
  deepEqual(scaleTo(0.00007).ticks, [0, 0.00002, 0.00004, 0.00006, 0.00008]);
  deepEqual(scaleTo(0).ticks, [0, 1]);
  for (let most = 0.001; most < 1e9; most *= 1.37) {
    const { ticks, at } = scaleTo(most);
    ok(ticks.length >= 3 && ticks.length <= 6, `${most}: ${ticks}`);
    ok(at(most) > 0.5 && at(most) <= 1, `${most}: ${ticks}`);
  }
});

Deno.test("some days are labelled, the last one always", () => {
  deepEqual(namedDays(Array(30).fill(0)), [5, 13, 21, 29]);
  deepEqual(namedDays([0]), [0]);
  deepEqual(namedDays([]), []);
  for (let days = 1; days < 400; days++) ok(namedDays(Array(days).fill(0)).length <= 4);
});

Deno.test("the page has no script, no resource of another host, and no name as markup", () => {
  const page = usagePage(sampleReport());
  doesNotMatch(page, /<script|<img|<link|<iframe|javascript:|url\(|@import/i);
  doesNotMatch(page, /(?:src|href)\s*=\s*["'](?!#)/i);
  ok(page.includes("&lt;script&gt;alert(&quot;1&quot;)"));
  ok(page.includes("default-src 'none'"));
});
