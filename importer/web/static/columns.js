// Examples follow the column that is chosen.
for (const select of document.querySelectorAll("select[data-samples]")) {
  select.addEventListener("change", () => {
    const samples = select.selectedOptions[0].dataset.samples ?? "";
    document.getElementById(select.dataset.samples).textContent = samples;
  });
}
