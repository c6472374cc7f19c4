/**
 * The script of the page; without it the page is a plain list with everything in it. ASCII only and without backslashes,
 * so that these are its bytes wherever it goes: the page's policy allows this text and no other, by its hash.
 */
export const script = `
"use strict";
(() => {
  const $ = (selector, within = document) => [...within.querySelectorAll(selector)];
  document.documentElement.classList.add("js");

  // The theme is remembered where the browser allows it; a page that was saved to disk may not be allowed to.
  const remember = (name) => { try { localStorage.setItem("copylint-theme", name); } catch {} };
  const remembered = () => { try { return localStorage.getItem("copylint-theme"); } catch { return null; } };
  for (const radio of $("input[name=theme]")) {
    if (radio.value === remembered()) radio.checked = true;
    radio.addEventListener("change", () => remember(radio.value));
  }

  // Whatever lies in something folded is unfolded before it is gone to.
  const unfold = (element) => {
    for (let at = element; at; at = at.parentElement) if (at.localName === "details") at.open = true;
  };
  const target = () => {
    const element = document.getElementById(location.hash.slice(1));
    if (!element) return;
    unfold(element);
    element.scrollIntoView({ block: "nearest" });
    if (element.matches(".finding")) element.focus({ preventScroll: true });
  };
  addEventListener("hashchange", target);
  if (location.hash) target();

  // A step of a run and the line that it cites light up together, from either side.
  let pinned = "";
  const light = (id) => {
    for (const element of $(".lit")) if (element.dataset.l !== id) element.classList.remove("lit");
    if (id) for (const element of $('[data-l="' + id + '"]')) {
      element.classList.add("lit");
      // Beside its run, a line comes into view; the page itself stays where it is.
      const panel = element.closest(".cited:not(:hover)");
      if (panel) panel.scrollTop = element.offsetTop - panel.clientHeight / 2;
    }
  };
  const cites = (event) => event.target.closest("[data-l]")?.dataset.l ?? "";
  document.addEventListener("mouseover", (event) => light(cites(event) || pinned));
  document.addEventListener("focusin", (event) => light(cites(event) || pinned));
  document.addEventListener("click", (event) => {
    const id = cites(event);
    if (id) pinned = id;
    else if (!event.target.closest("a, button, summary, label, select")) pinned = "";
    light(pinned);
  });

  // A diagram is one stop of the tab key; arrows go along its steps.
  for (const diagram of $("[data-roving]")) {
    // Of what is folded a browser may say that it has a size.
    const steps = () => $("a.step", diagram).filter((step) => !step.closest(".fold:not([open])"));
    const settle = () => {
      const open = steps();
      const stop = open.find((step) => step.getAttribute("tabindex") === "0") ?? open[0];
      for (const step of $("a.step", diagram)) step.setAttribute("tabindex", step === stop ? "0" : "-1");
    };
    settle();
    // What is folded cannot be a stop. The event does not bubble.
    diagram.addEventListener("toggle", settle, true);
    diagram.addEventListener("keydown", (event) => {
      const all = steps();
      const at = all.indexOf(document.activeElement);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      const next = all[Math.min(Math.max(to, 0), all.length - 1)];
      for (const step of all) step.setAttribute("tabindex", step === next ? "0" : "-1");
      next.focus();
      // Where the lines stand below the run, both come into view together.
      const both = diagram.closest(".sequence");
      if (both && both.offsetHeight <= innerHeight) both.scrollIntoView({ block: "nearest" });
    });
  }

  // Filters hide findings, and whatever leads to a finding that is hidden.
  const findings = $(".finding");
  const form = document.getElementById("filters");
  const filter = () => {
    const chosen = new FormData(form);
    const levels = chosen.getAll("level");
    const [rule, patch] = [chosen.get("rule"), chosen.get("patch")];
    const hidden = new Set();
    for (const finding of findings) {
      const { level, rule: of, patch: within } = finding.dataset;
      finding.hidden = !levels.includes(level) || (rule !== "" && rule !== of) || (patch !== "" && patch !== within);
      if (finding.hidden) hidden.add(finding.id.slice(1));
    }
    for (const link of $("li[data-for]")) link.hidden = hidden.has(link.dataset.for);
    for (const cell of $("a[data-for]")) cell.classList.toggle("dim", cell.dataset.for.split(" ").every((n) => hidden.has(n)));
    for (const item of $(".bylevel > ul > li, .bylevel")) item.hidden = $("li[data-for]", item).every((link) => link.hidden);
    for (const section of $("details.patch")) section.hidden = patch !== "" && patch !== section.dataset.patch;
    const shown = findings.length - hidden.size;
    document.getElementById("shown").textContent = (hidden.size === 0 ? "" : shown + " of ") + findings.length + (findings.length === 1 ? " finding" : " findings");
  };
  if (form) {
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    // The controls have their first values again only after the event.
    form.addEventListener("reset", () => requestAnimationFrame(filter));
    // A browser that restores the page restores the controls.
    filter();
  }

  // j and k go through the findings that are shown, and can be switched off.
  document.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea")) return;
    if (!document.getElementById("keys")?.checked) return;
    const shown = findings.filter((finding) => !finding.hidden);
    const here = document.activeElement.closest(".finding");
    let at = shown.indexOf(here);
    if (at < 0) {
      // From anywhere else: the next one below what is in view, or the last one above it.
      const below = shown.findIndex((finding) => finding.getBoundingClientRect().top > 60);
      at = step > 0 ? (below < 0 ? shown.length : below) - 1 : below < 0 ? shown.length : below;
    }
    const next = shown[Math.min(Math.max(at + step, 0), shown.length - 1)];
    if (!next) return;
    event.preventDefault();
    unfold(next);
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "start" });
    history.replaceState(null, "", "#" + next.id);
  });
})();
`;

/** SHA-256 of the script, as a content security policy names it. A test recomputes it and says what it must be. */
export const scriptHash = "sha256-O7D8yQ2dUl9Bz4tNCEvf9RvjeeR1Olb9gH2nXPonf8Y=";
