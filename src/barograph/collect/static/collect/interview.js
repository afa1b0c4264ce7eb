// Only enhances. Saves on change through htmx and brings in what the answers have changed, leaving
// everything else, what is typed and the focus alone; lets an answer that excludes the others do so;
// warns before the session ends.
"use strict";
(() => {
  const form = document.getElementById("interview");
  const summary = document.getElementById("summary");
  if (summary) summary.focus();
  const pressed = new Set();
  if (form) enhance(form);
  warn();

  function enhance(form) {
    const saved = form.querySelector(".saved");
    let latest = null; // the page as the newest answer reads it
    watchPresses();
    form.addEventListener("change", excludeOthers, true);
    form.addEventListener("submit", count);
    form.addEventListener("htmx:configRequest", (event) => {
      count();
      const sequence = form.elements.namedItem("sequence");
      if (sequence) event.detail.parameters.set("sequence", sequence.value);
    });
    form.addEventListener("htmx:afterRequest", (event) => {
      // 422: all but what the page now says could not be kept.
      const { successful, xhr } = event.detail;
      const fresh = (successful || xhr.status === 422) && questionsOf(xhr.responseText);
      if (fresh) whenIdle(() => bring((latest = fresh)));
      const kept = fresh && successful;
      saved.textContent = kept ? saved.dataset.saved : saved.dataset.unsaved;
      saved.classList.toggle("bad", !kept);
    });
    // What was kept because it was in hand goes when the focus has left it.
    form.addEventListener("focusout", () => {
      if (form.querySelector("[data-kept]")) setTimeout(() => whenIdle(() => bring(latest)));
    });
  }

  // Never between pressing and letting go: the press would be lost with the control it began on.
  function whenIdle(act) {
    if (pressed.size) setTimeout(() => whenIdle(act), 30);
    else act();
  }

  function watchPresses() {
    document.addEventListener("keydown", (event) => pressed.add(event.code));
    document.addEventListener("keyup", (event) => pressed.delete(event.code));
    document.addEventListener("pointerdown", () => pressed.add("pointer"));
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => pressed.delete("pointer"));
    window.addEventListener("blur", () => pressed.clear());
  }

  // Each request has a number of its own, so that the server knows a repetition.
  function count() {
    const sequence = form.elements.namedItem("sequence");
    if (sequence) sequence.value = Number(sequence.value) + 1;
  }

  function excludeOthers(event) {
    const box = event.target;
    if (box.type !== "checkbox" || !box.checked) return;
    for (const other of form.querySelectorAll(`[name="${CSS.escape(box.name)}"]`)) {
      if (other !== box && ("alone" in box.dataset || "alone" in other.dataset)) other.checked = false;
    }
  }

  function questionsOf(text) {
    return new DOMParser().parseFromString(text, "text/html").getElementById("questions");
  }

  // Takes over from the fresh page the questions that are new or read differently.
  function bring(fresh) {
    const here = document.getElementById("questions");
    const before = names(here);
    const top = focusedTop();
    const old = new Map([...here.children].map((e) => [e.dataset.question, e]));
    let last = null;
    for (const element of [...fresh.children]) {
      const known = old.get(element.dataset.question);
      old.delete(element.dataset.question);
      if (known) delete known.dataset.kept;
      let placed = known;
      if (!known) {
        placed = document.importNode(element, true);
        if (last) last.after(placed);
        else here.prepend(placed);
      } else if (element.name === "shown") known.value = element.value;
      else if (plain(known) !== plain(element)) placed = replace(known, document.importNode(element, true));
      last = placed;
    }
    // Never the question in hand: the next key would go to the page instead.
    for (const gone of old.values()) {
      if (gone.contains(document.activeElement)) gone.dataset.kept = "";
      else gone.remove();
    }
    // What comes in above does not move the control in hand.
    const now = focusedTop();
    if (top !== null && now !== null) window.scrollBy(0, now - top);
    announce(before, names(here));
  }

  function focusedTop() {
    const focused = document.activeElement;
    return form.contains(focused) ? focused.getBoundingClientRect().top : null;
  }

  function replace(known, fresh) {
    const typed = new FormData(form);
    const had = new Set([...known.querySelectorAll("[name]")].map((e) => e.name));
    const focused = known.contains(document.activeElement) ? document.activeElement : null;
    const place = {};
    for (const control of fresh.querySelectorAll("input, select, textarea")) {
      if (!had.has(control.name)) continue;
      const values = typed.getAll(control.name);
      if (control.type === "file") control.replaceWith(document.getElementById(control.id));
      else if (control.type === "radio" || control.type === "checkbox") control.checked = values.includes(control.value);
      else {
        // Several selects of one name are the places of a ranking.
        const n = (place[control.name] = (place[control.name] ?? -1) + 1);
        if (n < values.length) control.value = values[n];
      }
    }
    const caret = focused && "selectionStart" in focused ? focused.selectionStart : null;
    known.replaceWith(fresh);
    const again = focused && focused.id && document.getElementById(focused.id);
    if (again) {
      again.focus({ preventScroll: true });
      if (typeof caret === "number") again.setSelectionRange(caret, caret);
    }
    return fresh;
  }

  // What is read of a question, but for what stands in it.
  function plain(element) {
    const copy = element.cloneNode(true);
    for (const typed of copy.querySelectorAll("textarea")) typed.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  function names(element) {
    return new Set([...element.querySelectorAll("[data-question]")].map((e) => e.dataset.question));
  }

  function announce(before, after) {
    const said = form.querySelector(".said");
    const added = [...after].filter((name) => !before.has(name)).length;
    const gone = [...before].some((name) => !after.has(name));
    const { one, many, gone: left } = said.dataset;
    if (added || gone) said.textContent = added === 1 ? one : added ? many.replace("{n}", added) : left;
  }

  function warn() {
    const minutes = Number(document.body.dataset.timeout);
    const dialog = document.querySelector("dialog.timeout");
    if (!minutes || !dialog) return;
    let timer;
    const restart = () => {
      clearTimeout(timer);
      timer = setTimeout(() => dialog.showModal(), Math.max(minutes - 10, minutes / 2) * 60000);
    };
    dialog.querySelector("button").addEventListener("click", async () => {
      const answer = await fetch(location.href, { cache: "no-store" });
      dialog.close();
      if (answer.ok) restart();
      else if (form) form.requestSubmit(); // the answer keeps what is typed and asks for the link
      else location.reload();
    });
    document.addEventListener("htmx:afterRequest", restart);
    restart();
  }
})();
