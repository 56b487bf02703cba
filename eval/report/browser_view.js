// ---- The list: only the rows in sight are elements of the page

const SPARE = 4;

function select(place) {
  selected = Math.max(0, Math.min(place, visible.length - 1));
  const list = byId("list");
  const height = rowHeight();
  const top = selected * height;
  if (top < list.scrollTop) list.scrollTop = top;
  if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
  drawList();
}

const rowHeight = () => Number(getComputedStyle(byId("list")).getPropertyValue("--row"));

function drawList() {
  const list = byId("list");
  const height = rowHeight();
  byId("space").style.height = `${visible.length * height}px`;
  const first = Math.max(0, Math.floor(list.scrollTop / height) - SPARE);
  const last = Math.min(visible.length, Math.ceil((list.scrollTop + list.clientHeight) / height) + SPARE);
  byId("rows").style.top = `${first * height}px`;
  byId("rows").replaceChildren(...visible.slice(first, last).map((row, at) => listRow(row, first + at)));
  list.setAttribute("aria-activedescendant", visible.length ? `row-${selected}` : "");
}

function listRow(row, place) {
  const made = element("div", "row");
  const problem = rows.problem[row];
  made.id = `row-${place}`;
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", place === selected);
  made.append(
    element("span", verdictOf(row), outcome(row)),
    element("span", "where", variantOf(row)),
    element("span", "start", problems.start[problem]),
    element("span", "answers", `${problems.reference[problem]} ↔ ${rows.extracted[row] || "no answer"}`),
    element("span", "tokens", rows.tokens[row] ? rows.tokens[row].toLocaleString("en") : ""),
  );
  made.title = `${titleOf(row)}, ${sampleName(row)}`;
  made.addEventListener("click", () => {
    select(place);
    openSelected();
  });
  return made;
}

// ---- A trace, alone or beside another one of the same problem

let shown = [];
let showing = 0;

function openSelected() {
  const row = visible[selected];
  if (row !== undefined) show(row, partners.get(row));
}

async function show(row, beside) {
  const turn = ++showing;
  shown = beside === undefined ? [row] : [row, beside];
  const [[prompt, reference], ...texts] = await Promise.all([prompts.at(rows.problem[row]), ...shown.map((one) => bodies.at(one))]);
  if (turn !== showing) return; // somebody moved on
  const place = visible.indexOf(row);
  byId("place").textContent = place < 0 ? "" : `${(place + 1).toLocaleString("en")} of ${visible.length.toLocaleString("en")}`;
  byId("prompt").textContent = prompt;
  byId("reference").textContent = reference;
  fillBeside(row, beside);
  // Rows are numbered in the order of the variants, so that the base or the full precision stands on the left.
  const sides = shown.map((one, at) => [one, side(one, texts[at])]).sort(([a], [b]) => a - b);
  byId("sides").replaceChildren(...sides.map(([, made]) => made));
  if (!byId("trace").open) byId("trace").showModal();
  byId("trace").focus(); // so that the keys scroll
  byId("trace").scrollTop = 0;
}

function fillBeside(row, beside) {
  const others = order.filter((other) => rows.problem[other] === rows.problem[row] && other !== row);
  const select = byId("beside");
  select.replaceChildren(option("", "nothing"), ...others.map((other) => option(other, `${sampleName(other)}: ${outcome(other)}`)));
  select.value = beside ?? "";
}

function side(row, body) {
  const { reasoning, answer, closed, verdicts, teacher: model, scores = {}, opinion, ...facts } = body;
  const length = Array.from(reasoning).length;
  const made = element("section", `side ${verdictOf(row)}`);
  const think = element("details");
  think.append(element("summary", "", `${reasoning.length.toLocaleString("en")} characters${closed ? "" : ", unclosed"}`), passage(reasoning, scores, 0));
  made.append(
    element("h3", "", `${titleOf(row)}: ${sampleName(row)}`),
    chips(verdicts),
    ...opinion ? [opinionChip(opinion)] : [],
    ...Object.keys(scores).length ? [scoreChips(scores)] : [],
    element("h4", "", "Reasoning"),
    reasoning ? think : element("p", "note", "None."),
    element("h4", "", "Answer"),
    answer ? passage(answer, scores, length) : element("p", "note", "None."),
    described({ problem: problems.id[rows.problem[row]], model, ...facts }),
  );
  return made;
}

// ---- Scores

const SHADES = 5;

// Returns a text in which each step has the colour of its score. Steps end at characters as Python counts them, code
// points, of the reasoning with the answer behind it; `from` is where this text begins there. The first scorer of steps
// gives the colours, and the tooltip names all.
function passage(text, scores, from) {
  const scorers = Object.entries(scores).filter(([, { steps }]) => steps?.some((score) => score !== null));
  if (!scorers.length) return element("div", "passage", text);
  const made = element("div", "passage");
  const characters = Array.from(text);
  let start = 0;
  scorers[0][1].ends.forEach((end, at) => {
    if (end <= from || start >= characters.length) return;
    const said = scorers.filter(([, { steps }]) => (steps[at] ?? null) !== null);
    const first = scorers[0][1].steps[at];
    const shade = first === null ? "" : ` s${Math.min(SHADES - 1, Math.floor(first * SHADES))}`;
    const step = element("span", `step${shade}`, characters.slice(start, end - from).join(""));
    step.title = said.map(([name, { steps }]) => `${name} ${steps[at]}`).join(", ");
    made.append(step);
    start = end - from;
  });
  return made;
}

function scoreChips(scores) {
  const made = element("ul", "chips");
  for (const [name, { steps = [], outcome, left_out: why }] of Object.entries(scores)) {
    const there = steps.filter((score) => score !== null);
    const told = why ?? outcome ?? (there.length ? `${there.length} steps, lowest ${Math.min(...there)}` : "no step");
    made.append(element("li", "chip score", `${name}: ${told}`));
  }
  return made;
}

function chips(verdicts) {
  const made = element("ul", "chips");
  for (const { filter: name, version, outcome: result, ...others } of verdicts) {
    const chip = element("li", `chip ${result}`, [`${name}: ${result}`, ...Object.values(others)].join(" "));
    chip.title = `${name}, version ${version}`;
    made.append(chip);
  }
  return made;
}

// A judge's verdict stands in a list of its own: it is none of the verifiers'.
function opinionChip({ filter: name, version, outcome: result, word, ...others }) {
  const made = element("ul", "chips");
  const chip = element("li", `chip opinion ${result}`, [`second opinion, ${name}: ${OPINIONS[word]}`, ...Object.values(others)].join(" "));
  chip.title = `${name}, version ${version}`;
  made.append(chip);
  return made;
}

function described(facts) {
  const made = element("dl");
  for (const [name, value] of Object.entries(facts)) {
    if (value || value === 0) made.append(element("dt", "", name.replaceAll("_", " ")), element("dd", "", String(value)));
  }
  return made;
}

function move(steps) {
  select(selected + steps);
  if (byId("trace").open) openSelected();
  else byId("list").focus({ preventScroll: true });
}

function unfold() {
  const folded = [...document.querySelectorAll("#sides details")];
  const open = folded.some((details) => !details.open);
  for (const details of folded) details.open = open;
}

// ---- Keys and clicks

const IN_LIST = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: openSelected, " ": openSelected, Home: () => select(0), End: () => select(visible.length - 1) };
const IN_TRACE = { ArrowRight: () => move(1), ArrowLeft: () => move(-1), t: unfold };
const ANYWHERE = { j: () => move(1), k: () => move(-1), "/": () => byId("trace").open || byId("search").focus() };

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === byId("search")) {
    if (event.key === "Escape" || event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      byId("list").focus();
    }
    return;
  }
  if (event.target.matches("select")) return;
  const here = byId("trace").open ? IN_TRACE : event.target === byId("list") ? IN_LIST : {};
  const action = here[event.key] ?? ANYWHERE[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

// Lists the flips of a pair, and opens one of them if its row is given.
function showFlips({ flips, row }) {
  for (const id of ["benchmark", "variant", "label", "search"]) byId(id).value = "";
  byId("verdict").value = `flips:${flips}`;
  found = null;
  filter();
  if (row !== undefined) {
    select(visible.indexOf(Number(row)));
    openSelected();
  } else {
    byId("traces").scrollIntoView();
    byId("list").focus({ preventScroll: true });
  }
}

function start() {
  order = inOrder();
  fillFilters();
  byId("filters").hidden = false;
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["benchmark", "variant", "label", "verdict"]) byId(id).addEventListener("change", filter);
  byId("search").addEventListener("input", search);
  byId("list").addEventListener("scroll", drawList);
  addEventListener("resize", drawList);
  byId("previous").addEventListener("click", () => move(-1));
  byId("next").addEventListener("click", () => move(1));
  byId("close").addEventListener("click", () => byId("trace").close());
  byId("beside").addEventListener("change", () => show(shown[0], byId("beside").value === "" ? undefined : Number(byId("beside").value)));
  for (const button of document.querySelectorAll("[data-flips]")) button.addEventListener("click", () => showFlips(button.dataset));
  document.addEventListener("keydown", pressed);
  filter();
}

if (index) start();
