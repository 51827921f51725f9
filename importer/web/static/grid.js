// Cells are corrected where they stand: each change is checked on the server, and its row is shown anew.
const grid = document.getElementById("grid");
const said = document.getElementById("grid-said");
const problem = document.getElementById("grid-problem");
const isCell = (target) => target.matches?.("input[data-column]");

// One after the other, so that each is made on the version that the one before it left.
let last = Promise.resolve();
let replacing = false;
let pending = 0;
function queue(input) {
  if (input.value === input.defaultValue || input.dataset.sent === input.value) return;
  input.dataset.sent = input.value;
  const { row } = input.closest("tr").dataset;
  const { column } = input.dataset;
  const text = input.value;
  pending += 1;
  last = last.then(() => correct(row, column, text)).finally(() => (pending -= 1));
}

const lineOf = (row) => grid.querySelector(`tr[data-row="${row}"]`);
const cellOf = (line, column) => line.querySelector(`input[data-column="${column}"]`);

async function correct(row, column, text) {
  const input = cellOf(lineOf(row), column);
  if (!input) return;
  const form = new URLSearchParams({ row, column, was: input.defaultValue, text, columns: grid.dataset.columns });
  input.setAttribute("aria-busy", "true");
  let answer, told;
  try {
    answer = await fetch(grid.dataset.cells, {
      method: "POST",
      body: form,
      headers: { Accept: "application/json", "X-CSRF-Token": grid.dataset.csrf },
    });
    told = await answer.json();
  } catch {
    delete input.dataset.sent;
    tell("The server cannot be reached. Your correction still stands in the cell: leave the cell once more to try again.");
    return;
  } finally {
    input.removeAttribute("aria-busy");
  }
  if (answer.ok) {
    show(lineOf(row), told, column);
    return;
  }
  delete input.dataset.sent;
  if (told.now !== undefined) {
    input.defaultValue = told.now;
    tell(`Row ${row}: ${told.error} It says now: ${told.now}`);
  } else tell(`Row ${row}: ${told.error}`);
}

function tell(message) {
  said.textContent = "";
  problem.textContent = message;
}

// What was typed into other cells of the row meanwhile stays, and so does the focus.
function show(line, told, column) {
  const holder = document.createElement("template");
  holder.innerHTML = told.row.trim();
  const fresh = holder.content.firstElementChild;
  const focused = line.contains(document.activeElement) ? document.activeElement : null;
  const typed = [...line.querySelectorAll("input[data-column]")].filter(
    (each) => each.value !== each.defaultValue && (each.dataset.column !== column || each.value !== each.dataset.sent),
  );
  const selection = focused && isCell(focused) ? [focused.selectionStart, focused.selectionEnd] : null;
  for (const each of typed) {
    const cell = cellOf(fresh, each.dataset.column);
    if (cell) cell.value = each.value;
  }
  replacing = true;
  line.replaceWith(fresh);
  replacing = false;
  if (focused) {
    const again = cellOf(fresh, focused.dataset.column ?? column);
    again?.focus({ preventScroll: true });
    if (selection) again?.setSelectionRange(...selection);
  }
  problem.textContent = "";
  const faults = [...fresh.querySelectorAll("td.fault")].map(
    (each) => `${each.querySelector("input")?.ariaLabel.split(", row ")[0]}: ${each.querySelector("small").textContent}.`,
  );
  said.textContent = `Row ${fresh.dataset.row} is ${fresh.querySelector(".pill").textContent}. ${faults.join(" ")}`;
  showCounts(told);
}

function showCounts(told) {
  document.querySelector("[data-ready]").textContent = told.ready.toLocaleString("en");
  for (const cell of document.querySelectorAll("[data-count]")) {
    const count = told.counts[cell.dataset.count] ?? 0;
    cell.textContent = count.toLocaleString("en");
    cell.parentElement.hidden = !count;
  }
  if (told.ready) {
    for (const each of document.querySelectorAll("[data-idle]")) each.hidden = true;
    document.getElementById("go-on").classList.add("go");
  }
  for (const version of document.querySelectorAll("[data-version]")) version.value = told.version;
}

function goTo(cell) {
  cell?.focus();
  cell?.select();
}

// The cell above or below that can be corrected, in the same column.
function beside(input, step) {
  const next = step > 0 ? "nextElementSibling" : "previousElementSibling";
  for (let line = input.closest("tr")[next]; line; line = line[next]) {
    const cell = cellOf(line, input.dataset.column);
    if (cell) return cell;
  }
  return null;
}

grid.addEventListener("focusout", (event) => {
  if (!replacing && isCell(event.target)) queue(event.target);
});

grid.addEventListener("keydown", (event) => {
  if (!isCell(event.target) || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const input = event.target;
  if (event.key === "Escape") {
    input.value = input.defaultValue;
    said.textContent = "Taken back";
  } else if (event.key === "Enter") {
    event.preventDefault();
    queue(input);
    goTo(beside(input, event.shiftKey ? -1 : 1));
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const cell = beside(input, event.key === "ArrowDown" ? 1 : -1);
    if (!cell) return;
    event.preventDefault();
    goTo(cell);
  }
});

grid.addEventListener("click", (event) => {
  const link = event.target.closest("td.state a");
  if (link) {
    event.preventDefault();
    goTo(document.getElementById(link.hash.slice(1)));
  } else if (event.target.matches("[data-repair]")) {
    const input = event.target.closest("td").querySelector("input");
    input.value = event.target.dataset.repair;
    input.focus({ preventScroll: true });
    queue(input);
  }
});

// Whoever goes on at once goes on when the last correction is kept, and stays where one was refused.
async function whenKept(event, goOn) {
  if (!pending) return;
  event.preventDefault();
  await last;
  if (!problem.textContent) goOn();
}

addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (link && !link.closest("td")) whenKept(event, () => location.assign(link.href));
});
addEventListener("submit", (event) => whenKept(event, () => event.target.requestSubmit(event.submitter)));

addEventListener("beforeunload", (event) => {
  const unsaved = [...grid.querySelectorAll("input[data-column]")].some((each) => each.value !== each.defaultValue);
  if (unsaved) event.preventDefault();
});
