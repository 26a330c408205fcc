"use strict";
// Chips and search above a table. Without this script every row is visible and the chips stay hidden.
for (const bar of document.querySelectorAll("[data-filters]")) {
  const table = document.getElementById(bar.dataset.filters);
  const rows = Array.from(table.tBodies[0].rows);
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = rows.map((row) => plain(row.textContent));
  const keys = rows.map((row) => row.dataset.keys.split(" "));
  const chips = Array.from(bar.querySelectorAll("button"));
  const search = bar.querySelector("input");
  const choices = Array.from(bar.querySelectorAll("select"));
  const said = bar.querySelector("[role=status]");
  const empty = document.getElementById(bar.dataset.filters + "-empty");
  let key = "";
  const show = () => {
    const words = plain(search.value).split(/\s+/);
    let shown = 0;
    rows.forEach((row, at) => {
      row.hidden = (key && !keys[at].includes(key)) || !words.every((word) => texts[at].includes(word))
        || choices.some((choice) => choice.value && row.dataset[choice.dataset.field] !== choice.value);
      if (!row.hidden) shown += 1;
    });
    chips.forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset.key === key)));
    said.textContent = shown === rows.length ? "" : "Showing " + shown + " of " + rows.length + " rows.";
    table.hidden = shown === 0;
    empty.hidden = shown > 0;
  };
  const choose = (wanted) => { key = wanted; show(); };
  const follow = () => {
    const wanted = location.hash.replace("#only-", "");
    if (!keys.some((some) => some.includes(wanted))) return;
    search.value = "";
    choices.forEach((choice) => { choice.value = ""; });
    choose(wanted);
    rows.find((row) => !row.hidden).scrollIntoView();
  };
  chips.forEach((chip) => chip.addEventListener("click", () => choose(chip.dataset.key)));
  search.addEventListener("input", show);
  choices.forEach((choice) => choice.addEventListener("change", show));
  addEventListener("hashchange", follow);
  bar.hidden = false;
  follow();
}
