/**
 * The style sheet of the page. ASCII only and without backslashes, so that these are its bytes wherever it goes: the
 * page's policy allows this text and no other, by its hash.
 *
 * Both themes stand side by side in light-dark(); every pair of text and ground has a contrast of 4.5 to 1 or more, and
 * nothing is said by colour alone.
 */
export const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#fcfcfa, #15181b);
  --panel: light-dark(#ffffff, #1b1f23);
  --sunk: light-dark(#f3f4f1, #101315);
  --ink: light-dark(#1c1f22, #e3e6e9);
  --soft: light-dark(#555c63, #a3abb3);
  --rule: light-dark(#d8dbd5, #343a41);
  --link: light-dark(#14539a, #8dbbf7);
  --error: light-dark(#a3152a, #ff9c96);
  --warning: light-dark(#7c4a00, #f0bb61);
  --check: light-dark(#0d5572, #7fc6e6);
  --note: light-dark(#574688, #c2b3f7);
  --add: light-dark(#e7f4e8, #16301d);
  --del: light-dark(#fbe9e8, #3a1d1f);
  --hit: light-dark(#fff3cf, #3d3413);
  --lit: light-dark(#ffe08a, #5c4a0c);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
}
:root:has(#theme-light:checked) { color-scheme: light; }
:root:has(#theme-dark:checked) { color-scheme: dark; }
* { box-sizing: border-box; }
html { scroll-padding-top: 12px; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: 2px; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
h1, h2, h3, h4, h5, p, ul, ol, dl, dd, fieldset, figure { margin: 0; padding: 0; }
h1 { font-size: 26px; line-height: 1.25; font-weight: 600; letter-spacing: -0.01em; }
h2 { font-size: 19px; line-height: 1.3; font-weight: 600; margin: 40px 0 12px; }
ul, ol { list-style: none; }
code, kbd, .no, .ln, .level, svg text { font-family: var(--mono); }
code { font-size: 0.92em; }
kbd { font-size: 12px; border: 1px solid var(--rule); border-radius: 3px; padding: 0 4px; }
fieldset { border: 0; }
button, select { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--soft); border-radius: 4px; padding: 2px 8px; max-width: 100%; }
summary { cursor: pointer; }
.skip { position: absolute; left: 12px; top: -60px; background: var(--panel); padding: 8px 12px; z-index: 5; }
.skip:focus { top: 8px; }
.scripted { display: none; }
.js .scripted { display: block; }
[hidden] { display: none !important; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.top { padding: 28px 28px 20px; border-bottom: 1px solid var(--rule); position: relative; }
.tool { color: var(--soft); font-size: 13px; }
.theme { position: absolute; top: 24px; right: 28px; font-size: 13px; color: var(--soft); }
.theme legend { float: left; margin-right: 10px; padding: 0; }
.theme label { margin-left: 6px; }
.sum { margin-top: 8px; font-size: 17px; }
.sum span, .base { color: var(--soft); font-size: 15px; }
.text.error { color: var(--error); }
.text.warning { color: var(--warning); }
.text.check { color: var(--check); }
.text.note { color: var(--note); }
.columns { display: grid; grid-template-columns: 260px minmax(0, 1fr); gap: 36px; padding: 0 28px 40px; max-width: 1560px; }
.side { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 2px 6px 24px 2px; font-size: 13.5px; }
.side h2 { font-size: 13.5px; margin: 28px 0 6px; color: var(--soft); }
.side li { padding: 3px 0 3px 26px; line-height: 1.4; }
.side li a { text-decoration: none; }
.side li a:hover { text-decoration: underline; }
.side .index { display: inline-block; width: 22px; margin-left: -26px; margin-right: 4px; text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; }
.filters { margin-top: 22px; padding-top: 16px; border-top: 1px solid var(--rule); }
.filters fieldset label { display: block; }
.filters legend { color: var(--soft); }
.filters > label { display: block; margin-top: 8px; }
.filters select { width: 100%; }
.filters p { margin-top: 12px; display: flex; justify-content: space-between; align-items: center; gap: 8px; }
.filters .keys { margin-top: 12px; color: var(--soft); }
main { min-width: 0; }
footer { border-top: 1px solid var(--rule); padding: 16px 28px 40px; color: var(--soft); font-size: 13px; }

.level { display: inline-block; font-size: 12px; line-height: 17px; font-weight: 600; padding: 0 6px; border: 1px solid currentColor; border-radius: 3px; text-decoration: none; white-space: nowrap; }
.level.error { color: var(--error); border-width: 2px; line-height: 15px; }
.level.warning { color: var(--warning); }
.level.check { color: var(--check); }
.level.note { color: var(--note); border-style: dashed; }

.bylevel { display: grid; grid-template-columns: 104px minmax(0, 1fr); border-top: 1px solid var(--rule); padding: 12px 0; }
.bylevel h3 { font-size: 13px; font-weight: 400; color: var(--soft); }
.bylevel > ul > li { padding: 0 0 10px; }
.bylevel .rule { color: var(--soft); }
.bylevel .first a { color: var(--ink); text-decoration-color: var(--soft); text-decoration-thickness: from-font; }
.bylevel .first a:hover { color: var(--link); text-decoration-color: currentColor; }
.bylevel li li span { color: var(--soft); font-size: 13.5px; white-space: normal; }
.bylevel .also { padding-left: 16px; font-size: 13.5px; }
.has { font-size: 13px; color: var(--soft); }
.clean { font-size: 17px; }
.scroll { overflow-x: auto; }
.matrix { border-collapse: collapse; font-size: 13px; }
.matrix caption { text-align: left; caption-side: bottom; color: var(--soft); padding-top: 8px; max-width: 70ch; }
.matrix th { font-weight: 400; text-align: left; padding: 3px 10px 3px 0; white-space: nowrap; }
.matrix thead th + th, .matrix td { text-align: center; padding: 3px 4px; min-width: 34px; }
.matrix tbody tr { border-top: 1px solid var(--rule); }
.matrix tfoot tr, .matrix thead tr { color: var(--soft); }
.matrix tfoot tr { border-top: 2px solid var(--rule); }
.matrix td .level + .level { margin-left: 3px; }
.matrix .sum { color: var(--soft); font-variant-numeric: tabular-nums; font-size: 13px; }
.none { color: var(--soft); }
.dim { opacity: 0.25; }

.patch { border-top: 1px solid var(--rule); padding: 10px 0; }
.patch > summary, .filediff > summary { display: flex; align-items: baseline; gap: 12px; list-style: none; }
.patch > summary::-webkit-details-marker, .filediff > summary::-webkit-details-marker { display: none; }
.patch > summary::before, .filediff > summary::before { content: "+"; color: var(--soft); font-family: var(--mono); width: 10px; flex: none; }
.patch[open] > summary::before, .filediff[open] > summary::before { content: "-"; }
.patch h3 { font-size: 16px; font-weight: 600; }
.patch h3 .index { color: var(--soft); font-weight: 400; font-variant-numeric: tabular-nums; }
.sums { color: var(--soft); font-size: 13px; margin-left: auto; white-space: nowrap; }
.origin { color: var(--soft); font-size: 13px; margin: 2px 0 8px 22px; }
.message, .filediff { margin: 8px 0 0 22px; }
.message > summary, .quiet > summary { color: var(--soft); font-size: 13px; }
.filediff > summary { background: var(--sunk); border: 1px solid var(--rule); border-radius: 4px; padding: 4px 10px; }
.filediff h4 { font: 600 13px/1.5 var(--mono); }
.hunk { color: var(--soft); font-size: 12.5px; padding: 10px 0 3px 4px; }
.cut { color: var(--soft); font-style: italic; font-size: 13px; }

.code { background: var(--panel); border: 1px solid var(--rule); border-radius: 4px; padding: 4px 0; }
.ln { display: flex; font-size: 12.5px; line-height: 19px; }
.ln > b { flex: none; width: 18px; text-align: center; font-weight: 400; color: var(--soft); user-select: none; }
.ln > code { flex: 1; min-width: 0; font-size: inherit; white-space: pre-wrap; padding: 0 10px 0 calc(2px + 4ch); text-indent: -4ch; }
.no { flex: none; width: 46px; padding-right: 8px; text-align: right; font-size: 11.5px; color: var(--soft); user-select: none; font-variant-numeric: tabular-nums; }
a.no { color: var(--link); }
.ln.add { background: var(--add); }
.ln.del { background: var(--del); }
.ln.hit { background: var(--hit); box-shadow: inset 4px 0 0 var(--warning); }
.ln.hit > b, .ln.add > b, .ln.del > b, .ln.add > .no, .ln.del > .no, .ln.hit > .no { color: var(--ink); }
.ln.hit > a.no, .ln.add > a.no, .ln.del > a.no { color: var(--link); }
.at.lit > .ln, .copy.lit > .ln, .at:target > .ln, .copy:target > .ln { background: var(--lit); box-shadow: inset 6px 0 0 var(--link); }
.at.lit .ln > .no, .copy.lit .ln > .no, .at:target .ln > .no, .copy:target .ln > .no { color: var(--ink); }
.at.lit .ln > b, .copy.lit .ln > b, .copy.lit .ln > code, .at:target .ln > b, .copy:target .ln > b { color: var(--ink); }
.quiet { margin: 6px 0; }

.finding { margin: 14px 0 18px; padding: 14px 18px; background: var(--panel); border: 1px solid var(--rule); border-left: 4px solid var(--check); border-radius: 4px; scroll-margin-top: 96px; }
.finding.error { border-left-color: var(--error); border-left-style: double; border-left-width: 8px; }
.finding.warning { border-left-color: var(--warning); }
.finding.note { border-left-color: var(--note); border-left-style: dashed; }
.finding:target, .finding:focus { outline: 2px solid var(--link); outline-offset: 1px; }
.kicker { font-size: 13px; color: var(--soft); display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: baseline; }
.kicker .rule { color: var(--ink); }
.kicker .self { margin-left: auto; }
.finding h5 { font-size: 16px; line-height: 1.45; font-weight: 600; margin: 6px 0 8px; max-width: 76ch; }
.finding dl { display: grid; grid-template-columns: 72px minmax(0, 1fr); gap: 6px 12px; margin-top: 12px; font-size: 14px; }
.finding dt { color: var(--soft); }
.finding dd { max-width: 82ch; }
.finding dd:has(.fix) { max-width: none; }
.run { border-top: 1px solid var(--rule); border-bottom: 1px solid var(--rule); margin: 12px 0; padding: 10px 0; }
.run b { font-weight: 600; }
.setting, .outcome { display: flex; gap: 12px; }
.setting > b, .outcome > b { flex: none; width: 72px; color: var(--soft); font-weight: 400; font-size: 14px; }
.outcome { font-weight: 600; }
.file { font: 12.5px/1.5 var(--mono); padding: 2px 8px; }
.file span { color: var(--soft); }

.sequence { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; margin-top: 10px; }
.diagram { flex: none; max-width: 100%; background: var(--panel); border: 1px solid var(--rule); border-radius: 4px; padding-bottom: 6px; }
.diagram svg { display: block; }
.heads { position: sticky; top: 0; z-index: 2; background: var(--panel); border-bottom: 1px solid var(--rule); }
.cited { flex: 1 1 320px; min-width: 0; position: sticky; top: 8px; max-height: calc(100vh - 16px); overflow-y: auto; background: var(--panel); border: 1px solid var(--rule); border-radius: 4px; padding: 4px 0; }
.cited .near { opacity: 1; }
.cited .near > code { color: var(--soft); }
.gap { color: var(--soft); padding-left: 20px; line-height: 14px; }
svg text { font-size: 12px; fill: var(--ink); }
svg .actor { font-weight: 600; }
svg .number, svg .place { font-size: 11px; fill: var(--soft); }
svg .life { stroke: var(--rule); stroke-width: 1.5; }
svg .broken { stroke-dasharray: 2 4; }
svg .label { paint-order: stroke; stroke: var(--panel); stroke-width: 5px; stroke-linejoin: round; }
svg .hit { fill: transparent; }
svg .dot { fill: var(--ink); stroke: var(--ink); stroke-width: 1.5; }
svg .arrow { stroke: var(--ink); stroke-width: 1.5; }
svg .tip { fill: var(--ink); }
svg .bad { stroke: var(--error); stroke-width: 2.5; fill: none; }
svg .fails .label { font-weight: 600; fill: var(--error); }
svg .assumed .label { fill: var(--soft); }
svg .assumed .dot { fill: var(--panel); stroke: var(--soft); }
svg .assumed .arrow { stroke: var(--soft); stroke-dasharray: 4 3; }
svg .assumed .tip { fill: var(--soft); }
svg .assumed.fails .label { fill: var(--error); }
svg a .place { fill: var(--link); text-decoration: underline; }
svg a { cursor: pointer; outline-offset: -2px; scroll-margin: 40px 0 20px; }
svg a:hover .hit, svg a.lit .hit, svg .step:target .hit { fill: var(--lit); }
svg a:hover .label, svg a.lit .label, svg .step:target .label { stroke: var(--lit); }
svg a.lit .number, svg a.lit .place, svg a:hover .number, svg a:hover .place, svg .step:target .number, svg .step:target .place { fill: var(--ink); }
svg .step:target .label, svg .lit .label { fill: var(--ink); }
.fold summary { position: relative; list-style: none; }
.fold summary::-webkit-details-marker { display: none; }
.fold summary span { position: absolute; left: 40px; top: 3px; font-size: 12px; line-height: 20px; color: var(--soft); background: var(--panel); padding: 0 6px; border: 1px solid var(--rule); border-radius: 10px; }
.fold summary span::before { content: "+ "; font-family: var(--mono); }
.fold[open] summary span::before { content: "- "; }
.legend { font-size: 12.5px; color: var(--soft); margin: 6px 0; }
.key { display: inline-block; width: 9px; height: 9px; border-radius: 5px; border: 1.5px solid var(--ink); background: var(--ink); margin: 0 3px 0 2px; }
.key.model { background: none; border-color: var(--soft); margin-left: 14px; }
.list > summary { font-size: 13.5px; color: var(--soft); }
.list ol { list-style: decimal; padding-left: 44px; margin-top: 6px; font-size: 13.5px; }
.list .assumed { color: var(--soft); }
.list a.lit { background: var(--lit); color: var(--ink); }

@media (max-width: 1100px) {
  .columns { display: block; }
  .side { position: static; max-height: none; overflow: visible; padding-top: 8px; border-bottom: 1px solid var(--rule); }
  .side nav { display: none; }
  .filters { margin: 0; padding: 8px 0 16px; border: 0; }
  .filters fieldset label { display: inline-block; margin-right: 14px; }
  .filters select { width: auto; }
  .filters > label { display: inline-block; margin-right: 14px; }
}
/* Where they do not fit beside each other, a run and its lines stand one above the other, and both fit a window. */
.broad { display: block; }
.broad .diagram { overflow: auto; max-height: 62vh; width: fit-content; }
.broad .cited { position: relative; top: 0; max-height: 32vh; margin-top: 10px; }
@media (max-width: 1640px) {
  .sequence { display: block; }
  .diagram { overflow: auto; max-height: 62vh; width: fit-content; }
  .cited { position: relative; top: 0; max-height: 32vh; margin-top: 10px; }
}
@media (max-width: 640px) {
  body { font-size: 14px; }
  .top { padding: 16px 14px; }
  .theme { position: static; margin-bottom: 8px; overflow: hidden; }
  .filters > label, .filters select { display: block; width: 100%; }
  .filters .keys { display: none; }
  .columns { padding: 0 14px 30px; }
  .bylevel { display: block; }
  .bylevel h3 { margin-bottom: 6px; }
  .message, .filediff { margin-left: 0; }
  .origin { margin-left: 0; }
  .finding { padding: 10px 10px; }
  .finding dl { display: block; }
  .finding dd { margin-bottom: 8px; }
  .no { width: 36px; padding-right: 4px; }
  .no.old { display: none; }
  .ln { font-size: 11.5px; }
  .ln > code { padding-right: 4px; }
  footer { padding: 14px; }
}
@media (max-width: 640px), (pointer: coarse) {
  .ln { line-height: 24px; }
}
@media print {
  :root, :root:has(#theme-dark:checked) { color-scheme: light; }
  body { font-size: 10pt; background: #fff; }
  .side, .skip, .theme, .quiet, .self { display: none; }
  .columns { display: block; padding: 0; max-width: none; }
  .top { padding: 0 0 8pt; }
  .cited, .heads { position: static; max-height: none; }
  .sequence, .finding dl { display: block; }
  .diagram, .broad .diagram, .broad .cited { max-height: none; overflow: visible; }
  .finding dt { float: left; clear: left; width: 60pt; }
  .finding dd { margin: 0 0 4pt 66pt; }
  .diagram { border: 0; overflow: visible; }
  .diagram svg { max-width: 100%; height: auto; }
  .finding, .filediff > summary { break-inside: auto; }
  .kicker, .finding h5, h2, h3, h4 { break-after: avoid; }
  .ln, .diagram svg text { break-inside: avoid; }
  .ln, .finding, .level { print-color-adjust: exact; }
  a { color: inherit; text-decoration: none; }
  .ln { font-size: 8.5pt; line-height: 12pt; }
}
`;

/** SHA-256 of the style sheet, as a content security policy names it. A test recomputes it and says what it must be. */
export const styleHash = "sha256-Bq8Pj5v9gfjfx3wC9ooCwyUlq4zCPhEUif+8JOBtEIA=";
