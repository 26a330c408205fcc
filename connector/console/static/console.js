"use strict";
// What makes the pages quicker to use. Without it every page and every form works all the same.
document.documentElement.classList.add("scripted");

const page = async (address) => {
  const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" } });
  return answer.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
};

const later = (wait, action) => {
  let timer = 0;
  return () => { clearTimeout(timer); timer = setTimeout(action, wait); };
};

// On a phone the menu begins closed.
if (matchMedia("(max-width: 760px)").matches) document.querySelector(".menu")?.removeAttribute("open");

// Search as you type: the same address, only its result is put in place.
const found = document.getElementById("found");
for (const form of document.querySelectorAll("form[data-live]")) {
  const field = form.querySelector("input[type=search]");
  let asked = 0;
  const search = async () => {
    const address = form.getAttribute("action") || location.pathname;
    const target = address + "?" + new URLSearchParams(new FormData(form));
    if (!found) { location.assign(target); return; }
    const mine = ++asked;
    const answer = await page(target);
    if (mine !== asked) return;
    const fresh = answer?.getElementById("found");
    if (!fresh) { location.assign(target); return; }
    found.replaceChildren(...fresh.childNodes);
    history.replaceState(null, "", target);
    const chips = document.querySelector(".bar .chips"), others = answer.querySelector(".bar .chips");
    if (chips && others) chips.replaceWith(others);
  };
  if (found) field.addEventListener("input", later(180, search));
}

// The example beside the username method follows the form.
const options = document.querySelector("form[data-example]");
if (options) {
  const line = document.getElementById("example");
  let asked = 0;
  const show = async () => {
    const sent = new FormData(options);
    sent.delete("form_token");
    const mine = ++asked;
    const answer = await fetch(options.dataset.example + "?" + new URLSearchParams(sent), { credentials: "same-origin" });
    if (answer.ok && mine === asked) line.textContent = (await answer.json()).example;
  };
  const soon = later(200, show);
  options.addEventListener("input", soon);
  options.addEventListener("change", soon);
}

// "All year levels" hides the single ones.
for (const all of document.querySelectorAll("[data-all]")) {
  const ticks = document.querySelector(`[data-ticks="${all.dataset.all}"]`);
  const follow = () => ticks.toggleAttribute("data-off", all.checked);
  all.addEventListener("change", follow);
  follow();
}

// A preview: the count on the button follows the ticks of this page.
const review = document.querySelector("form[data-review]");
if (review) {
  const count = review.querySelector("[data-once] b");
  const ticks = Array.from(review.querySelectorAll("input[name=take]"));
  const others = count ? Number(count.textContent.replace(/\D/g, "")) - ticks.filter((tick) => tick.checked).length : 0;
  review.addEventListener("change", (event) => {
    if (event.target.name !== "take" || !count) return;
    event.target.closest("tr").classList.toggle("left-out", !event.target.checked);
    count.textContent = (others + ticks.filter((tick) => tick.checked).length).toLocaleString("en-AU");
  });
  // What was chosen on this page is kept before another is turned to or searched for.
  const chosen = () => Array.from(review.querySelectorAll("input[type=checkbox]")).some((one) => one.checked !== one.defaultChecked);
  const turnTo = (query) => {
    for (const name of ["kind", "q", "page"]) review.elements[`page-${name}`].value = query.get(name) ?? "";
    review.requestSubmit(review.querySelector("button[value=keep]"));
  };
  review.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || link.pathname !== location.pathname || !chosen()) return;
    event.preventDefault();
    turnTo(new URLSearchParams(link.search));
  });
  document.getElementById("find").addEventListener("submit", (event) => {
    if (!chosen()) return;
    event.preventDefault();
    turnTo(new URLSearchParams(new FormData(event.target)));
  });
}

// A form is sent once; the server does nothing twice in any case.
for (const form of document.querySelectorAll("form[method=post]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    const ask = event.submitter?.dataset.confirm;
    if (sent || (ask && !confirm(ask))) { event.preventDefault(); return; }
    sent = true;
    setTimeout(() => { sent = false; }, 4000);
  });
}
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// Work that goes on.
const work = document.getElementById("work");
if (work) {
  const phase = document.getElementById("work-phase"), count = document.getElementById("work-count");
  const bar = document.getElementById("work-bar");
  const number = (value) => value.toLocaleString("en-AU");
  const look = async () => {
    try {
      const answer = await fetch(work.dataset.state, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) { location.reload(); return; }
      const state = await answer.json();
      if (state.leads_to) { location.replace(state.leads_to); return; }
      phase.textContent = state.phase;
      count.textContent = state.done ? number(state.done) + (state.total ? " of " + number(state.total) : "") : "";
      if (state.total) { bar.max = state.total; bar.value = state.done; } else bar.removeAttribute("value");
    } catch { /* the console may be starting anew: ask again */ }
    setTimeout(look, 250);
  };
  setTimeout(look, 100);
}

for (const field of document.querySelectorAll("input.copy")) field.addEventListener("focus", () => field.select());
