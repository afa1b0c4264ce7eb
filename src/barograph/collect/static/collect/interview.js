// Only enhances: saves on change through htmx, keeps what is typed meanwhile, says what has been
// added, lets an answer that excludes the others do so, and warns before the session ends.
"use strict";
(() => {
  const form = document.getElementById("interview");
  const questions = () => document.getElementById("questions");
  const names = () => new Set([...questions().querySelectorAll("[data-question]")].map((q) => q.dataset.question));
  const summary = document.getElementById("summary");
  if (summary) summary.focus();

  // Each request has a number of its own, so that the server knows a repetition.
  const count = () => {
    const sequence = form.elements.namedItem("sequence");
    if (sequence) sequence.value = Number(sequence.value) + 1;
  };

  if (form) {
    const saved = form.querySelector(".saved");
    const said = form.querySelector(".said");
    let typed = null;
    let before = null;

    form.addEventListener("change", (event) => {
      const box = event.target;
      if (box.type !== "checkbox" || !box.checked) return;
      const boxes = [...questions().querySelectorAll("input[type=checkbox]")].filter((b) => b.name === box.name);
      const alone = "alone" in box.dataset;
      for (const other of boxes) {
        if (other !== box && (alone || "alone" in other.dataset)) other.checked = false;
      }
    }, true);

    form.addEventListener("submit", count);
    form.addEventListener("htmx:configRequest", (event) => {
      count();
      const sequence = form.elements.namedItem("sequence");
      if (sequence) event.detail.parameters.set("sequence", sequence.value);
    });
    form.addEventListener("htmx:beforeSwap", () => {
      typed = new FormData(form);
      before = names();
    });
    form.addEventListener("htmx:afterSwap", () => {
      if (!typed) return;
      const place = {};
      for (const control of questions().querySelectorAll("[name]")) {
        const question = control.closest("[data-question]");
        if (control.type === "file" || !question || !before.has(question.dataset.question)) continue;
        const values = typed.getAll(control.name);
        if (control.type === "radio" || control.type === "checkbox") control.checked = values.includes(control.value);
        else if (control.tagName !== "BUTTON") {
          // Several selects of one name are the places of a ranking.
          const n = (place[control.name] = (place[control.name] ?? -1) + 1);
          if (n < values.length) control.value = values[n];
        }
      }
      const added = [...names()].filter((name) => !before.has(name)).length;
      const gone = [...before].some((name) => !names().has(name));
      const { one, many, gone: left } = said.dataset;
      said.textContent = added === 1 ? one : added ? many.replace("{n}", added) : gone ? left : "";
      typed = null;
    });
    form.addEventListener("htmx:afterRequest", (event) => {
      const { successful } = event.detail;
      saved.textContent = successful ? saved.dataset.saved : saved.dataset.unsaved;
      saved.classList.toggle("bad", !successful);
    });
  }

  const minutes = Number(document.body.dataset.timeout);
  const dialog = document.querySelector("dialog.timeout");
  if (minutes && dialog) {
    const warned = Math.max(minutes - 5, minutes / 2) * 60000;
    let timer;
    const restart = () => {
      clearTimeout(timer);
      timer = setTimeout(() => dialog.showModal(), warned);
    };
    dialog.querySelector("button").addEventListener("click", async () => {
      await fetch(location.href, { cache: "no-store" });
      dialog.close();
      restart();
    });
    document.addEventListener("htmx:afterRequest", restart);
    restart();
  }
})();
