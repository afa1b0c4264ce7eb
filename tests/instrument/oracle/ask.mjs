// ODK's engine asked about forms. Standard input: a JSON list of
//   {xform, tables: {name: csv text}, cases: [instance XML, ...]}
// Standard output: for each form and case a list of nodes {path, relevant, value, constraint,
// required, choices}; paths carry [n] in repeats. "" as instance XML means a new, empty interview.
import { JSDOM } from "jsdom";

const dom = new JSDOM("");
for (const name of ["window", "document", "DOMParser", "XMLSerializer", "Node", "Element", "Document", "Text", "XPathResult", "NodeFilter", "CDATASection", "Attr", "Comment", "XMLDocument"]) {
  globalThis[name] = dom.window[name] ?? dom.window;
}
const log = console.log;
console.log = console.warn = console.error = () => {};
// The engine takes Node for a place where it may ask for __dirname, and a browser for its home.
const node = globalThis.process;
globalThis.process = undefined;
const { loadForm } = await import("@getodk/xforms-engine");
globalThis.process = node;

let text = "";
for await (const chunk of process.stdin) text += chunk;
const fetcher = (tables) => async (url) => {
  const name = decodeURIComponent(String(url).split("/").pop()).replace(/\.csv$/, "");
  return new Response(tables[name] ?? "", { headers: { "content-type": "text/csv" } });
};

function visit(node, path, out) {
  const state = node.currentState;
  const name = path === null ? "" : state.reference;
  const record = { path: name, type: node.nodeType, relevant: state.relevant };
  if (node.nodeType.startsWith("repeat-range")) record.count = state.children.length;
  if (state.children == null && node.validationState?.constraint !== undefined) {
    record.value = state.instanceValue ?? plain(state.value);
    const { constraint, required } = node.validationState;
    record.constraint = constraint?.valid ?? true;
    record.required = required?.valid ?? true;
    if (state.valueOptions) record.choices = state.valueOptions.map((option) => option.value);
  }
  out.push(record);
  for (const child of state.children ?? []) visit(child, name, out);
}

function plain(value) {
  return Array.isArray(value) ? value.join(" ") : String(value ?? "");
}

async function ask({ xform, tables, cases }) {
  const form = await loadForm(xform, { fetchFormAttachment: fetcher(tables) });
  if (form.status === "failure") return { error: String(form.error?.message ?? form.error) };
  const answers = [];
  for (const instance of cases) {
    const data = new FormData();
    data.set("xml_submission_file", new File([instance], "xml_submission_file", { type: "text/xml" }));
    const made = instance ? await form.restoreInstance({ data: [data] }) : form.createInstance();
    const out = [];
    visit(made.root, null, out);
    answers.push(out);
  }
  return answers;
}

const results = [];
for (const form of JSON.parse(text)) results.push(await ask(form));
log(JSON.stringify(results));
