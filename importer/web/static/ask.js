// What cannot be undone is asked for once more.
addEventListener("submit", (event) => {
  const { ask } = event.target.dataset;
  if (ask && !confirm(ask)) event.preventDefault();
});
