import type { Level } from "../../finding/finding.ts";
import type { Review } from "../../finding/review.ts";
import { count } from "../layout.ts";
import { place, suppressionText } from "../said.ts";
import { badge, bare, type Numbered, shownLevel, whereOf } from "./finding.ts";
import { cut, type Html, html, nothing, prose } from "./markup.ts";
import type { Sheet, SheetPatch, SheetSeries } from "./sheet.ts";

export type Shown = Level | "note";
export const levels: readonly Shown[] = ["error", "warning", "check", "note"];

/** Numbers of findings by level, those that there are: "1 error, 3 warnings". */
export function tally(findings: readonly Numbered[]): readonly { readonly level: Shown; readonly n: number }[] {
  return levels
    .map((level) => ({ level, n: findings.filter(({ f }) => shownLevel(f) === level).length }))
    .filter(({ n }) => n > 0);
}

/** Findings that say the same of several places, together, in the order of the first. */
function groups(findings: readonly Numbered[]): readonly (readonly Numbered[])[] {
  const out = new Map<string, Numbered[]>();
  for (const one of findings) {
    const key = JSON.stringify([one.f.rule, one.f.what]);
    const group = out.get(key);
    if (group === undefined) out.set(key, [one]);
    else group.push(one);
  }
  return [...out.values()];
}

/** Says that a series was not reviewed, and why. */
export const unreviewed = (why: string): Html => html`<b class="text error">Not reviewed</b>: ${prose(why)}`;

/** What an expert wants first: what was not reviewed, and what is wrong, the gravest first, each with its place. */
export function wrongList(all: readonly Numbered[], { series }: Review): Html {
  const failed = series.flatMap(({ subject, notReviewed }) =>
    notReviewed === null ? [] : [html`<p>${prose(subject)}: ${unreviewed(notReviewed)}</p>`],
  );
  if (all.length + failed.length === 0) return html`<p class="clean">Nothing was found.</p>`;
  const parts = levels.map((level) => {
    const ofLevel = all.filter(({ f }) => shownLevel(f) === level);
    if (ofLevel.length === 0) return nothing;
    const items = groups(ofLevel).map((group) => {
      const places = group.map((one, i) => {
        const { n, f } = one;
        const where = html`<a href="#F${n}">${i === 0 ? prose(f.what) : whereOf(f)}</a>`;
        const near = html` <span>${i === 0 ? whereOf(f) : nothing}${i === 0 ? ", " : " "}patch ${f.patch.index}/${f.patch.total}</span>`;
        const also = i === 1 ? html`<b>also at</b> ` : nothing;
        return html`<li data-for="${n}" class="${i === 0 ? "first" : "also"}">${also}${where}${near}</li>`;
      });
      const [{ f }] = group as readonly [Numbered];
      return html`<li><code class="rule">${f.rule}</code>${f.trace === null ? nothing : html` <span class="has">with a run that shows it</span>`}<ul>${places}</ul></li>`;
    });
    return html`<div class="bylevel"><h3>${badge(level)} <span>${ofLevel.length}</span></h3><ul>${items}</ul></div>`;
  });
  return html`${failed}${parts}`;
}

const letters: Readonly<Record<Shown, string>> = { error: "E", warning: "W", check: "C", note: "N" };

/** A cell of the matrix: a link for every level that the rule found in the patch. */
function cell(found: readonly Numbered[], patch: SheetPatch, rule: string): Html {
  const links = tally(found).map(({ level, n }) => {
    const first = found.find(({ f }) => shownLevel(f) === level)?.n ?? 0;
    const said = `${count(n, level)}, ${rule}, patch ${patch.patch.index}`;
    return html`<a class="level ${level}" href="#F${first}" data-for="${found.map((one) => one.n).join(" ")}" aria-label="${said}">${n > 1 ? n : nothing}${letters[level]}</a>`;
  });
  return html`<td>${links.length === 0 ? html`<span class="none" aria-hidden="true">·</span>` : links}</td>`;
}

/** Rules down, patches across: names of rules are long and numbers of patches are short. */
export function matrix(one: SheetSeries, all: readonly Numbered[], rules: number): Html {
  const mine = all.filter(({ place }) => place !== undefined && one.patches.includes(place.patch));
  const found = [...new Set(mine.map(({ f }) => f.rule))];
  const worst = (rule: string): number =>
    Math.min(...mine.filter(({ f }) => f.rule === rule).map(({ f }) => levels.indexOf(shownLevel(f))));
  found.sort((a, b) => worst(a) - worst(b) || (a < b ? -1 : 1));
  const silent = rules - found.length;
  const rest = silent > 0 ? `${count(silent, "other rule")} found nothing. ` : "";
  if (found.length === 0)
    return html`<p>${count(rules, "rule")} found nothing in ${count(one.patches.length, "patch", "patches")}.</p>`;
  const head = one.patches.map(({ ordinal, patch }) => {
    const said = `patch ${patch.index}/${patch.total}: ${bare(patch.subject)}`;
    return html`<th scope="col"><a href="#P${ordinal}" aria-label="${said}" title="${said}">${patch.index}</a></th>`;
  });
  const rows = found.map((rule) => {
    const ofRule = mine.filter(({ f }) => f.rule === rule);
    const cells = one.patches.map((patch) =>
      cell(
        ofRule.filter(({ place }) => place?.patch === patch),
        patch,
        rule,
      ),
    );
    return html`<tr><th scope="row"><code>${rule}</code></th>${cells}<td class="sum">${ofRule.length}</td></tr>`;
  });
  const sums = one.patches.map((patch) => {
    const n = mine.filter(({ place }) => place?.patch === patch).length;
    return html`<td class="sum">${n === 0 ? nothing : n}</td>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Rules by patches"><table class="matrix">
<caption>Rules down, patches across. E error, W warning, C check, N note: mended by a later patch. ${rest}</caption>
<thead><tr><th scope="col">rule</th>${head}<th scope="col">all</th></tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr><th scope="row">all</th>${sums}<td class="sum">${mine.length}</td></tr></tfoot>
</table></div>`;
}

/** Links to the patches, with what was found in each, or that it was not reviewed. */
export function patchList(sheet: Sheet, all: readonly Numbered[], review: Review): Html {
  const items = sheet.series.flatMap(({ patches }, i) =>
    patches.map((it) => {
      const failed = (review.series[i]?.notReviewed ?? null) !== null;
      const state = failed ? html` <span class="text error">not reviewed</span>` : nothing;
      const sums = tally(all.filter(({ place }) => place?.patch === it)).map(
        ({ level, n }) =>
          html` <span class="level ${level}"><span aria-hidden="true">${n}${letters[level]}</span><span class="heard">${count(n, level)}</span></span>`,
      );
      return html`<li><a href="#P${it.ordinal}"><span class="index">${it.patch.index}</span> ${bare(it.patch.subject)}</a>${state}${sums}</li>`;
    }),
  );
  return html`<ol>${items}</ol>`;
}

/** Filters; they need the script and are not there without it. */
export function filters(sheet: Sheet, all: readonly Numbered[]): Html {
  if (all.length === 0) return nothing;
  const boxes = tally(all).map(
    ({ level, n }) =>
      html`<label><input type="checkbox" name="level" value="${level}" checked> ${badge(level)} ${n}</label>`,
  );
  const rules = [...new Set(all.map(({ f }) => f.rule))].sort();
  const options = rules.map((rule) => html`<option>${rule}</option>`);
  const patches = sheet.series.flatMap((one) =>
    one.patches
      .filter((it) => all.some(({ place }) => place?.patch === it))
      .map(
        ({ ordinal, patch }) =>
          html`<option value="${ordinal}">${patch.index}/${patch.total} ${cut(bare(patch.subject), 60).shown}</option>`,
      ),
  );
  return html`<form class="filters scripted" id="filters" aria-label="Filters">
<fieldset><legend>Level</legend>${boxes}</fieldset>
<label>Rule <select name="rule"><option value="">all rules</option>${options}</select></label>
<label>Patch <select name="patch"><option value="">all patches</option>${patches}</select></label>
<p><output id="shown" role="status">${count(all.length, "finding")}</output> <button type="reset">Show all</button></p>
<label class="keys"><input type="checkbox" id="keys" checked> <kbd>j</kbd> <kbd>k</kbd> go to the next and the previous finding; <kbd>↑</kbd> <kbd>↓</kbd> go along a run</label>
</form>`;
}

/** What was not checked, and what of the input was not understood: the page leaves none of it out. */
export function unchecked(review: Review, withoutDiff: number): Html {
  const problems = review.problems.map(
    (p) =>
      html`<li>${cut(p.path, 300).shown}${p.line === undefined ? "" : `:${p.line}`}: ${prose(p.what)}${p.advice === undefined ? nothing : html`; ${prose(p.advice)}`}</li>`,
  );
  const silent = review.notChecked.map((it) => html`<li>${prose(it.what)}: ${prose(it.why)}</li>`);
  const mails =
    withoutDiff === 0 ? [] : [html`<li>${count(withoutDiff, "mail without a diff", "mails without a diff")}</li>`];
  const aside = (review.suppressed ?? []).map((f) => {
    const by = f.suppressed === undefined ? "" : ` (suppressed ${suppressionText(f.suppressed)})`;
    return html`<li><code>${f.rule}</code> ${cut(place(f), 300).shown}: ${prose(f.what)}${prose(by)}</li>`;
  });
  if (problems.length + silent.length + mails.length + aside.length === 0) return nothing;
  return html`<section id="unchecked" aria-labelledby="unchecked-h"><h2 id="unchecked-h">${aside.length === 0 ? "What was not checked" : "What is left out"}</h2>
${aside.length === 0 ? nothing : html`<h3>Set aside</h3><ul>${aside}</ul>`}
${problems.length === 0 ? nothing : html`<h3>Input</h3><ul>${problems}</ul>`}
${silent.length + mails.length === 0 ? nothing : html`<h3>Questions and parts passed over</h3><ul>${silent}${mails}</ul>`}</section>`;
}
