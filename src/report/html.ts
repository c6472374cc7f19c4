import type { Review } from "../finding/review.ts";
import { marksOf, patchSection } from "./html/diff.ts";
import { findingArticle, numbered } from "./html/finding.ts";
import { between, cut, type Html, html, nothing, raw } from "./html/markup.ts";
import { filters, matrix, patchList, tally, unchecked, unreviewed, wrongList } from "./html/overview.ts";
import { script, scriptHash } from "./html/script.ts";
import { sheetOf } from "./html/sheet.ts";
import { style, styleHash } from "./html/style.ts";
import { count } from "./layout.ts";
import type { View } from "./reporter.ts";
import { notReviewed, notReviewedText } from "./said.ts";

/**
 * All that the page may do: its own style and script, known by their hashes. It loads nothing, sends nothing, and what
 * came in with a patch could not run even if it were markup.
 */
const policy = [
  "default-src 'none'",
  `style-src '${styleHash}'`,
  `script-src '${scriptHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const titleOf = (subject: string, version: number): string =>
  `${cut(subject, 300).shown}${version > 1 ? `, v${version}` : ""}`;

const themes = ["auto", "light", "dark"].map(
  (name, i) =>
    html`<label><input type="radio" name="theme" id="theme-${name}" value="${name}"${i === 0 ? html` checked` : ""}> ${name}</label>`,
);

/** The review as one page that stands alone. */
export function htmlReport(review: Review, view: View): string {
  const all = view.series ?? [];
  const sheet = sheetOf(all);
  const findings = numbered(review.findings, sheet);
  const marks = marksOf(findings, sheet);
  const placed = new Set([...marks.below.values()].flat());
  const elsewhere = findings.filter((one) => !placed.has(one));
  const { patches, files, rules } = review.counts;
  const [first] = review.series;
  const title =
    review.series.length === 1 && first ? titleOf(first.subject, first.version) : count(all.length, "series", "series");
  const found = tally(findings).map(({ level, n }) => html`<b class="text ${level}">${count(n, level)}</b>`);
  const read = `${count(patches, "patch", "patches")}, ${count(files, "file")}, ${count(rules, "rule")}`;
  const failed = notReviewed(review);
  const left = failed === 0 ? [] : [html`<b class="text error">${notReviewedText(failed)}</b>`];
  const sums = [...found, ...left];
  const bases = review.series.map((s) => {
    const said = s.notReviewed === null ? html`read as for Linux ${s.base}` : unreviewed(s.notReviewed);
    return html`<p class="base">${review.series.length > 1 ? `${titleOf(s.subject, s.version)}: ` : ""}${said}</p>`;
  });

  const sections = sheet.series.map((one, i): Html => {
    const name = titleOf(one.series.subject, one.series.version);
    const why = review.series[i]?.notReviewed ?? null;
    const parts = one.patches.map((it) =>
      patchSection(
        it,
        marks,
        findings.filter(({ place }) => place?.patch === it),
        sheet,
        why === null,
      ),
    );
    const missing =
      one.series.missing.length === 0
        ? nothing
        : html`<p class="cut">Not given: ${one.series.missing
            .slice(0, 100)
            .map((n) => `${n}/${one.series.total}`)
            .join(", ")}</p>`;
    const heading = sheet.series.length > 1 ? `Patches of ${name}` : "Patches";
    const table = sheet.series.length > 1 ? `Rules and patches of ${name}` : "Rules and patches";
    return html`<section class="overview" aria-labelledby="matrix-${i + 1}"><h2 id="matrix-${i + 1}">${table}</h2>${why === null ? matrix(one, findings, rules) : html`<p>${unreviewed(why)}</p>`}</section>
<section class="patches" aria-labelledby="patches-${i + 1}"><h2 id="patches-${i + 1}">${heading}</h2>${missing}
${parts}</section>
`;
  });
  const apart =
    elsewhere.length === 0
      ? nothing
      : html`<section aria-labelledby="elsewhere"><h2 id="elsewhere">Elsewhere</h2>${elsewhere.map((one) => findingArticle(one, sheet))}</section>`;

  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>copylint: ${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<a class="skip" href="#wrong">Skip to what is wrong</a>
<a class="skip" href="#patches-1">Skip to the patches</a>
<header class="top">
<p class="tool">copylint review</p>
<fieldset class="theme"><legend>Theme</legend>${themes}</fieldset>
<h1>${title}</h1>
<p class="sum">${sums.length === 0 ? "nothing found" : between(sums, ", ")} <span>in ${read}</span></p>
${bases}
</header>
<div class="columns">
<div class="side">
<nav aria-label="Patches"><h2>Patches</h2>${patchList(sheet, findings, review)}</nav>
${filters(sheet, findings)}
</div>
<main>
<section id="wrong" tabindex="-1" aria-labelledby="wrong-h"><h2 id="wrong-h">What is wrong</h2>${wrongList(findings, review)}</section>
${sections}${apart}${unchecked(review, view.withoutDiff)}
</main>
</div>
<footer><p>A clean result is no review: each rule's page, <code>copylint explain RULE</code>, says where the rule is blind.</p></footer>
<script>${raw(script)}</script>
</body>
</html>
`;
  return page.markup;
}
