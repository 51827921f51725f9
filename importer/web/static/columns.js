// Examples follow the column that is chosen, and a suggestion is told only while it is the one chosen.
for (const select of document.querySelectorAll("select[data-samples]")) {
  const told = select.closest("fieldset").querySelector("[data-suggested]");
  select.addEventListener("change", () => {
    document.getElementById(select.dataset.samples).textContent = select.selectedOptions[0].dataset.samples ?? "";
    if (select.value) select.removeAttribute("aria-invalid");
    if (told) told.hidden = told.dataset.suggested !== select.value;
  });
}

// After a form that was not taken, the list of what is open is where to go on.
if (document.querySelector("main > [role=alert]")) document.querySelector(".summary")?.focus();

// A link of the list of open questions leads into its field, folded away or not.
addEventListener("hashchange", open);
open();

function open() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!target) return;
  for (let around = target.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  target.focus();
}
