"use strict";
// Lets people browse the traces that are packed in the page. A small index of all traces (trace_index.py) is read at
// once; prompts and bodies lie in compressed blocks (blocks.py) that are opened when they are asked for. Texts of traces
// are only ever set as textContent, so whatever a model wrote stays text.

const byId = (id) => document.getElementById(id);

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

// ---- Blocks

const OPEN_BLOCKS = 64; // a few dozen MB at most

class Blocks {
  constructor(name, starts) {
    this.name = name;
    this.starts = starts;
    this.opened = new Map();
  }

  open(number) {
    if (!this.opened.has(number)) {
      if (this.opened.size >= OPEN_BLOCKS) this.opened.clear();
      this.opened.set(number, decompressed(byId(`${this.name}-${number}`).textContent));
    }
    return this.opened.get(number);
  }

  async at(position) {
    const number = this.starts.findLastIndex((start) => start <= position);
    return (await this.open(number))[position - this.starts[number]];
  }

  async all() {
    return (await Promise.all(this.starts.map((_, number) => decompressed(byId(`${this.name}-${number}`).textContent)))).flat();
  }
}

async function decompressed(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

// ---- The index

const index = JSON.parse(byId("trace-index")?.textContent ?? "null");
const { sets, problems, rows, reasons, finishes, opinions } = index ?? {};
const prompts = new Blocks("prompts", index?.starts.prompts);
const bodies = new Blocks("bodies", index?.starts.bodies);
const TEACHER = sets?.length - 1; // the last set

const verdictOf = (row) => index.verdicts[rows.verdict[row]];
const variantOf = (row) => sets[rows.set[row]].variant;
const titleOf = (row) => sets[rows.set[row]].title;

function sampleName(row) {
  const again = rows.attempt[row] ? `, chance ${rows.attempt[row] + 1}` : "";
  return `${variantOf(row)}${again}, sample ${rows.sample[row]}`;
}

function outcome(row) {
  const words = rows.set[row] === TEACHER ? { right: "accepted", wrong: "rejected" } : {};
  return words[verdictOf(row)] ?? verdictOf(row);
}

function inOrder() {
  const keys = ["problem", "set", "attempt", "sample"];
  return rows.set.map((_, row) => row).sort((a, b) => {
    const key = keys.find((name) => rows[name][a] !== rows[name][b]);
    return key ? rows[key][a] - rows[key][b] : 0;
  });
}

// ---- Filters

// What a choice in the list of verdicts means, by the word before its colon.
const VERDICTS = {
  verdict: (value) => (row) => verdictOf(row) === value,
  finish: (value) => (row) => finishes[rows.finish[row]] === value,
  empty: () => (row) => !rows.answered[row],
  reason: (value) => (row) => reasons[rows.reason[row]] === value,
  opinion: (value) => (row) => opinions[rows.opinion[row]] === value,
};

// What an LLM judge says, in words.
const OPINIONS = { admitted: "pass, may be selected on its word", pass: "pass", fail: "fail", unknown: "unknown" };

let order = [];
let visible = [];
let partners = new Map(); // of a flip's row, the row beside which it is opened
let selected = 0;
let found = null; // numbers of the problems whose prompts match the search; null without one

function option(value, text) {
  const made = element("option", "", text);
  made.value = value;
  return made;
}

function group(label, options) {
  const made = document.createElement("optgroup");
  made.label = label;
  made.append(...options);
  return options.length ? [made] : [];
}

function fillFilters() {
  const different = (values) => [...new Set(values)].filter(Boolean);
  byId("benchmark").append(option("", "all benchmarks"), ...different(sets.map((set) => set.title)).map((title) => option(title, title)));
  byId("variant").append(option("", "all models"), ...different(sets.map((set) => set.variant)).map((name) => option(name, name)));
  byId("label").append(option("", "all problems"), ...index.labels.flatMap((label) =>
    group(label, different(problems[label]).sort(new Intl.Collator("en", { numeric: true }).compare).map((value) => option(`${label}:${value}`, value)))));
  const flips = (number, kind, words) => option(`flips:${number}:${kind}`, `${words}: ${flipName(index.flips[number])}`);
  byId("verdict").append(
    option("", "all verdicts"),
    option("verdict:right", "right, accepted"),
    option("verdict:wrong", "wrong, rejected"),
    option("verdict:unknown", "unknown"),
    option("finish:length", "truncated"),
    option("finish:repetition", "looped"),
    option("empty:", "no answer"),
    ...group("flips", [
      ...(index.flips.length ? [option("flips::", "all flips")] : []),
      ...index.flips.flatMap((_, number) => [flips(number, "", "both"), flips(number, "lost", "right → wrong"), flips(number, "gained", "wrong → right")]),
    ]),
    ...group("second opinion", Object.keys(OPINIONS).filter((word) => opinions.includes(word)).map((word) => option(`opinion:${word}`, `judge: ${OPINIONS[word]}`))),
    ...group("reason", different(reasons).sort().map((reason) => option(`reason:${reason}`, reason))),
  );
}

const flipName = (flip) => `${flip.benchmark}, ${flip.variant} against ${flip.yardstick}`;

// Returns the rows that show flips, and fills `partners`.
function flipRows(number, kind) {
  const chosen = number === "" ? index.flips : [index.flips[number]];
  for (const flip of chosen) {
    flip.pairs.forEach(([row, other], at) => {
      if (kind === "" || flip.kinds[at] === kind) partners.set(row, other);
    });
  }
  return order.filter((row) => partners.has(row));
}

function filter() {
  const [benchmark, variant, label, verdict] = ["benchmark", "variant", "label", "verdict"].map((id) => byId(id).value);
  const [kind, ...values] = verdict.split(":");
  const [labelName, labelValue] = [label.split(":")[0], label.slice(label.indexOf(":") + 1)];
  partners = new Map();
  const candidates = kind === "flips" ? flipRows(...values) : order;
  const judged = VERDICTS[kind]?.(values.join(":")) ?? (() => true);
  visible = candidates.filter((row) =>
    (!benchmark || titleOf(row) === benchmark) && (!variant || variantOf(row) === variant) &&
    (!label || problems[labelName][rows.problem[row]] === labelValue) && (!found || found.has(rows.problem[row])) && judged(row));
  byId("found").textContent = `${visible.length.toLocaleString("en")} of ${order.length.toLocaleString("en")} traces`;
  byId("list").scrollTop = 0;
  select(0);
}

let searched = null; // all prompts in lower case, once a search asked for them
let searching = 0;

async function search() {
  const words = byId("search").value.trim().toLowerCase();
  const turn = ++searching;
  if (words && !searched) searched = (await prompts.all()).map(([prompt]) => prompt.toLowerCase());
  if (turn !== searching) return; // somebody typed on
  found = words ? new Set(searched.flatMap((prompt, problem) => (prompt.includes(words) ? [problem] : []))) : null;
  filter();
}
