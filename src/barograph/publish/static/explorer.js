// Crosses published figures. Vega-Lite comes when a figure is chosen; expressions are interpreted, so
// that no page needs the right to evaluate text as code.
"use strict";
{
  const form = document.querySelector(".explorer"), [first, second] = form.querySelectorAll("select");
  const status = form.querySelector("[role=status]"), body = form.querySelector("tbody"), drawing = form.querySelector("#drawing");
  const lang = document.documentElement.lang, colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let library, figures;
  form.hidden = false;

  const load = () => (library ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = form.dataset.library;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  }));

  const read = (cube) => {
    const { item, domain } = cube.dimension, measures = cube.dimension.measure.category.index, found = new Map();
    item.category.index.forEach((key, i) => domain.category.index.forEach((part, j) => {
      const row = { domain: domain.category.label[part] };
      const at = (i * domain.category.index.length + j) * measures.length;
      measures.forEach((measure, m) => { row[measure] = cube.value[at + m]; });
      row.few = cube.status[at + measures.indexOf("estimate")] === "U";
      if (row.estimate === undefined || row.ci_low === undefined) return;
      if (!found.has(key)) found.set(key, { label: item.category.label[key], rows: [] });
      found.get(key).rows.push(row);
    }));
    for (const figure of found.values()) figure.share = figure.rows.every((row) => row.ci_high <= 1);
    return found;
  };

  const text = (value, share) => share
    ? new Intl.NumberFormat(lang, { style: "percent" }).format(value)
    : new Intl.NumberFormat(lang, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
  // Of few answers a share is their number, as on every page.
  const value = (row, share) => share && row.few && row.n !== undefined
    ? form.dataset.of.replace("{n}", text(row.n, false)).replace("{base}", text(row.base, false))
    : text(row.estimate, share);
  const axis = (figure) => ({
    title: null, grid: true, gridColor: colour("--rule"), domain: false, ticks: false, labelColor: colour("--quiet"), labelFontSize: 13, tickCount: 5,
    ...(figure.share ? { labelExpr: `round(datum.value * 100) + '${form.dataset.space}%'` } : {}),
  });
  const scale = (figure) => (figure.share ? { domain: [0, 1] } : { zero: true });
  const layer = (mark, encoding) => ({ mark, encoding });
  // Below 30 answers a hollow dot, below 10 a broken band.
  const dot = (encoding) => layer({ type: "point", size: 110, opacity: 1, stroke: colour("--accent"), strokeWidth: 2 },
    { ...encoding, fill: { condition: { test: "datum.few", value: colour("--few") }, value: colour("--accent") } });
  const band = (mark, encoding) => layer({ type: "rule", color: colour("--band"), ...mark },
    { ...encoding, strokeDash: { condition: { test: "datum.few && datum.base < 10", value: [3, 3] }, value: [] } });

  const one = (figure) => {
    const y = { field: "domain", type: "nominal", sort: null, axis: { title: null, domain: false, ticks: false, labelFontSize: 14, labelLimit: 260, labelColor: colour("--ink") } };
    const x = (field) => ({ field, type: "quantitative", scale: scale(figure), axis: axis(figure) });
    return { height: 38 * figure.rows.length, layer: [
      band({ strokeWidth: 9 }, { y, x: x("ci_low"), x2: { field: "ci_high" } }),
      dot({ y, x: x("estimate") }),
    ] };
  };
  const two = (a, b) => {
    const at = (name, figure) => ({ field: name, type: "quantitative", scale: scale(figure), axis: { ...axis(figure), title: figure.label, titleFontSize: 14, titleLimit: 520 } });
    const x = at("x", a), y = at("y", b), bar = { strokeWidth: 5, opacity: 0.8 };
    return { height: 420, layer: [
      band(bar, { x: { ...x, field: "x0" }, x2: { field: "x1" }, y }), band(bar, { y: { ...y, field: "y0" }, y2: { field: "y1" }, x }),
      dot({ x, y }),
      layer({ type: "text", align: "left", dx: 9, dy: -9, fontSize: 13, fontWeight: 600, color: colour("--ink") }, { x, y, text: { field: "domain" } }),
    ] };
  };
  const joined = (a, b) => a.rows.flatMap((row) => {
    const other = b.rows.find((r) => r.domain === row.domain);
    return other ? [{ domain: row.domain, few: row.few || other.few, base: Math.min(row.base, other.base), x: row.estimate, x0: row.ci_low, x1: row.ci_high, y: other.estimate, y0: other.ci_low, y1: other.ci_high }] : [];
  });

  const table = (chosen) => body.replaceChildren(...chosen.flatMap((figure) => figure.rows.map((row) => {
    const line = document.createElement("tr"), name = document.createElement("th");
    name.scope = "row";
    name.textContent = chosen.length > 1 ? `${figure.label}: ${row.domain}` : row.domain;
    line.append(name);
    for (const cell of [value(row, figure.share), `${text(row.ci_low, figure.share).replace(/\s?%/, "")}–${text(row.ci_high, figure.share)}`, text(row.base ?? NaN, false)]) {
      const column = document.createElement("td");
      column.className = "num";
      column.textContent = cell;
      line.append(column);
    }
    return line;
  })));

  const draw = async () => {
    const a = figures.get(first.value), b = figures.get(second.value);
    table(b ? [a, b] : [a]);
    status.textContent = status.dataset.wait;
    try {
      await load();
      const spec = {
        $schema: "https://vega.github.io/schema/vega-lite/v6.json", width: "container", background: "transparent", autosize: { type: "fit-x", contains: "padding" }, padding: 5,
        data: { values: b ? joined(a, b) : a.rows }, config: { font: "Inter, sans-serif", view: { stroke: null } }, ...(b ? two(a, b) : one(a)),
      };
      await window.vegaEmbed(drawing, spec, { ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: false, mode: "vega-lite" });
      drawing.setAttribute("aria-label", b ? `${a.label} × ${b.label}` : a.label);
      status.textContent = "";
    } catch {
      status.textContent = status.dataset.fail;
    }
  };

  fetch(form.dataset.cube).then((answer) => answer.json()).then((cube) => {
    figures = read(cube);
    for (const [key, figure] of figures) if (figure.rows.length > 1) {
      first.add(new Option(figure.label, key));
      second.add(new Option(figure.label, key));
    }
    form.addEventListener("change", draw);
    draw();
  }).catch(() => { status.textContent = status.dataset.fail; });
}
