// Puts two municipalities side by side: their own pages, fetched and laid in two columns.
"use strict";
{
  const place = document.querySelector("div.pair"), chosen = {};
  const column = async (code, side) => {
    const answer = await fetch(`${place.dataset.pages}${code}.html`);
    if (!answer.ok) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const out = document.createElement("article"), title = document.createElement("h3"), link = document.createElement("a");
    link.href = `${place.dataset.pages}${code}.html`;
    link.append(...page.querySelector("h1").childNodes);
    title.append(link);
    out.append(title);
    for (const part of page.querySelectorAll("#facts, #figures article, .register")) {
      for (const named of [part, ...part.querySelectorAll("[id], [aria-labelledby]")]) {
        if (named.id) named.id = `${side}-${named.id}`;
        const refers = named.getAttribute("aria-labelledby");
        if (refers) named.setAttribute("aria-labelledby", refers.split(" ").map((id) => `${side}-${id}`).join(" "));
      }
      for (const used of part.querySelectorAll("[fill^='url(#']")) used.setAttribute("fill", used.getAttribute("fill").replace("url(#", `url(#${side}-`));
      for (const anchor of part.querySelectorAll("a[href]")) anchor.href = new URL(anchor.getAttribute("href"), new URL(place.dataset.pages, location.href)).href;
      for (const heading of part.querySelectorAll("h3")) { const small = document.createElement("h4"); small.append(...heading.childNodes); small.id = heading.id; heading.replaceWith(small); }
      out.append(part);
    }
    return out;
  };
  const draw = async () => {
    const columns = await Promise.all(["a", "b"].filter((side) => /^\w+$/.test(chosen[side] ?? "")).map((side) => column(chosen[side], side)));
    place.replaceChildren(...columns.filter(Boolean));
    place.hidden = !place.childElementCount;
    history.replaceState(null, "", `?${new URLSearchParams(chosen)}#pair`);
  };
  document.addEventListener("pick", (event) => { chosen[event.detail.pick] = event.detail.code; draw(); });
  const asked = new URLSearchParams(location.search);
  for (const box of document.querySelectorAll(".search[data-pick]")) {
    const code = asked.get(box.dataset.pick);
    if (code) { chosen[box.dataset.pick] = code; box.setName(code); }
  }
  if (Object.keys(chosen).length) draw();
}
