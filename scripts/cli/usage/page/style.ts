/** The style of the page: light or dark like the reader's system, for widths from 320 pixels. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f6f6f3; --card: #ffffff; --ink: #1d2125; --soft: #5b646d; --edge: #e4e4df; --grid: #ecece8;
  --one: #3d5bd9; --two: #e0822d; --one-soft: #e6eafb; --warn: #9a4a00; --warn-ground: #fdf0df;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #111417; --card: #191d22; --ink: #e9ecef; --soft: #9da7b1; --edge: #2a3037; --grid: #262c33;
    --one: #8ba2ff; --two: #f3a85c; --one-soft: #232b44; --warn: #ffc98a; --warn-ground: #33261a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 1120px; padding: 28px 16px 40px; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums;
}
header p, footer { color: var(--soft); }
h1 { margin: 0; font-size: 26px; line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 14px; font-size: 15px; font-weight: 600; }
header p { margin: 6px 0 20px; }
footer { margin-top: 24px; font-size: 13px; }
.warning { margin: 0 0 16px; padding: 10px 14px; border-radius: 10px; color: var(--warn); background: var(--warn-ground); }
.tiles { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(152px, 1fr)); margin: 0 0 16px; }
.tiles div, .card { background: var(--card); border: 1px solid var(--edge); border-radius: 14px; }
.tiles div { padding: 12px 14px; min-width: 0; }
.tiles dt { color: var(--soft); font-size: 13px; }
.tiles dd { margin: 2px 0 0; }
.tiles .value { font-size: 21px; font-weight: 650; letter-spacing: -0.01em; overflow-wrap: anywhere; }
.tiles .note { color: var(--soft); font-size: 12.5px; overflow-wrap: anywhere; }
.cards { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
.card { padding: 16px 18px 12px; min-width: 0; }
.legend { display: inline-flex; gap: 14px; float: right; margin: 0; padding: 0; list-style: none; color: var(--soft); font-size: 13px; }
.legend li::before { content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 3px; background: var(--one); }
.legend li + li::before { background: var(--two); }
.plot { display: grid; grid-template: 200px auto / 52px minmax(0, 1fr); column-gap: 10px; padding-top: 8px; }
.plot > svg { display: block; width: 100%; height: 100%; overflow: visible; }
.scale, .names { position: relative; color: var(--soft); font-size: 12px; line-height: 16px; white-space: nowrap; }
.scale span { position: absolute; right: 0; transform: translateY(-50%); }
.names { grid-column: 2; height: 24px; margin-top: 6px; }
.names span { position: absolute; transform: translateX(-50%); }
.grid { stroke: var(--grid); stroke-width: 1; }
.grid:first-of-type { stroke: var(--soft); }
.hit { fill: transparent; }
.part-1 { fill: var(--one); }
.part-2 { fill: var(--two); }
.day:hover .hit { fill: var(--one-soft); }
.line path { fill: none; stroke: var(--one); stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.line-2 path { stroke: var(--two); }
.point-1 { fill: var(--one); }
.point-2 { fill: var(--two); }
.ranking { display: grid; gap: 11px; margin: 0 0 6px; padding: 0; list-style: none; }
.ranking li { display: grid; grid-template-columns: minmax(0, 1fr) auto; column-gap: 12px; }
.ranking .label { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.ranking .value { font-weight: 600; }
.ranking small { display: inline-block; min-width: 48px; color: var(--soft); font-size: 12.5px; font-weight: 400; text-align: right; }
.ranking svg { grid-column: 1 / 3; width: 100%; height: 8px; margin-top: 3px; }
.ranking .track { fill: var(--grid); }
.rest { color: var(--soft); }
details { margin-top: 8px; border-top: 1px solid var(--edge); }
summary { padding: 9px 0 3px; color: var(--soft); font-size: 13px; cursor: pointer; }
.scroll { overflow-x: auto; max-height: 420px; }
table { width: 100%; border-collapse: collapse; font-size: 13px; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: 5px 0 5px 16px; border-bottom: 1px solid var(--edge); text-align: right; font-weight: 400; white-space: nowrap; }
th:first-child { padding-left: 0; max-width: 240px; overflow: hidden; text-overflow: ellipsis; text-align: left; }
thead th { color: var(--soft); }
:focus-visible { outline: 2px solid var(--one); outline-offset: 2px; }
@media (min-width: 860px) {
  body { padding: 44px 28px 56px; }
  h1 { font-size: 32px; }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .wide { grid-column: 1 / 3; }
  .wide .plot { grid-template-rows: 240px auto; }
}
@media print { body { background: none; } .card, .tiles div { break-inside: avoid; } }
`;
