// Finds a municipality under any of its names and codes. Without this script the alphabet does.
"use strict";
{
  // Accents, hyphens, apostrophes and points make no difference: "saint gilles" is Saint-Gilles.
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();
  const load = (() => {
    let index;
    return (address) => (index ??= fetch(address).then((answer) => answer.json()).then((rows) =>
      rows.map(([code, name, also]) => ({ code, name, also, keys: [code, ...name.split(" / "), ...also].map(plain) }))));
  })();
  const found = (rows, typed) => {
    const wanted = plain(typed);
    if (!wanted) return [];
    const rank = (row) => Math.min(...row.keys.map((key) => (key === wanted ? 0 : key.startsWith(wanted) ? 1 : key.includes(wanted) ? 2 : 9)));
    return rows.map((row) => [rank(row), row]).filter(([r]) => r < 9).sort((a, b) => a[0] - b[0]).slice(0, 8).map(([, row]) => row);
  };
  for (const box of document.querySelectorAll(".search")) {
    const input = box.querySelector("input"), list = box.querySelector("ul"), status = box.querySelector("[role=status]");
    const pages = box.dataset.index.replace("municipalities.json", `${document.documentElement.lang}/municipalities/`);
    let shown = [], at = -1;
    box.hidden = false;
    const choose = (row) => {
      if (!box.dataset.pick) { location.href = `${pages}${row.code}.html`; return; }
      input.value = row.name;
      close();
      box.dispatchEvent(new CustomEvent("pick", { bubbles: true, detail: { pick: box.dataset.pick, code: row.code } }));
    };
    const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
    const mark = (to) => {
      at = (to + shown.length) % shown.length;
      [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
      input.setAttribute("aria-activedescendant", list.children[at].id);
    };
    const draw = () => {
      list.replaceChildren(...shown.map((row, i) => {
        const item = document.createElement("li"), name = document.createElement("b"), more = document.createElement("span");
        item.id = `${input.id}-${i}`;
        item.role = "option";
        item.setAttribute("aria-selected", "false");
        name.textContent = row.name;
        more.textContent = ` ${[...row.also, row.code].join(", ")}`;
        item.append(name, more);
        item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(row); });
        return item;
      }));
      list.hidden = !shown.length;
      at = -1;
      input.setAttribute("aria-expanded", String(!list.hidden));
      status.classList.toggle("visually-hidden", shown.length > 0 || !input.value.trim());
      status.textContent = input.value.trim() ? (shown.length ? `${status.dataset.some} ${shown.length}` : status.dataset.none) : "";
    };
    input.addEventListener("input", async () => {
      const rows = await load(box.dataset.index);
      shown = found(rows, input.value);
      draw();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (!shown.length || list.hidden) return;
      if (event.key === "ArrowDown") { event.preventDefault(); mark(at + 1); }
      if (event.key === "ArrowUp") { event.preventDefault(); mark(at < 0 ? -1 : at - 1); }
      if (event.key === "Enter") { event.preventDefault(); choose(shown[Math.max(at, 0)]); }
    });
    input.addEventListener("blur", close);
    box.setName = async (code) => {
      const row = (await load(box.dataset.index)).find((one) => one.code === code);
      if (row) input.value = row.name;
    };
  }
}
