// Cells are corrected where they stand: each change is checked on the server, and its row is shown anew.
const grid = document.getElementById("grid");
const said = document.getElementById("grid-said");

async function correct(input) {
  const was = input.defaultValue;
  const line = input.closest("tr");
  const row = line.dataset.row;
  const column = input.dataset.column;
  const form = new URLSearchParams({ row, column, was, text: input.value, columns: grid.dataset.columns });
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
    said.textContent = "The server cannot be reached. Your correction is still in the cell; try again.";
    return;
  } finally {
    input.removeAttribute("aria-busy");
  }
  if (!answer.ok) {
    said.textContent = told.error;
    if (told.now !== undefined) {
      said.textContent += ` It says: ${told.now}`;
      input.defaultValue = told.now;
    }
    return;
  }
  show(line, told, column, document.activeElement);
}

function show(line, told, column, focused) {
  const holder = document.createElement("template");
  holder.innerHTML = told.row.trim();
  const fresh = holder.content.firstElementChild;
  const within = line.contains(focused) ? focused.dataset?.column : undefined;
  line.replaceWith(fresh);
  if (within !== undefined) fresh.querySelector(`[data-column="${within}"]`)?.focus();
  said.textContent = `Row ${fresh.dataset.row}: ${fresh.children[1].textContent}. ${fresh.lastElementChild.textContent}`;
  document.querySelector("[data-ready]").textContent = told.ready.toLocaleString();
  for (const cell of document.querySelectorAll("[data-count]")) {
    const count = told.counts[cell.dataset.count] ?? 0;
    cell.textContent = count.toLocaleString();
    cell.parentElement.hidden = !count;
  }
  for (const version of document.querySelectorAll("[data-version]")) version.value = told.version;
}

grid.addEventListener("change", (event) => {
  if (event.target.matches("input[data-column]")) correct(event.target);
});

grid.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !event.target.matches("input[data-column]")) return;
  event.target.value = event.target.defaultValue;
});

grid.addEventListener("click", (event) => {
  if (!event.target.matches("[data-repair]")) return;
  const input = event.target.closest("td").querySelector("input");
  input.value = event.target.dataset.repair;
  correct(input);
});
