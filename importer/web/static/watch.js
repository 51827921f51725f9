// Shows how far the work is, as the server tells it, and goes on when it is over.
const section = document.querySelector("[data-watch]");
const words = document.getElementById("progress-words");
const bar = document.getElementById("progress-bar");

function show(now) {
  const done = now.done.toLocaleString();
  words.textContent = now.waits
    ? `Waiting ${now.waits} s: the provider or the account is paused`
    : `${now.stopping ? "stopping" : now.phase || now.kind}: ${done}${now.total ? ` of ${now.total.toLocaleString()}` : ""} rows`;
  if (now.total) {
    bar.max = now.total;
    bar.value = now.done;
  }
  for (const cell of document.querySelectorAll("[data-count]")) {
    cell.textContent = (now.counts[cell.dataset.count] ?? 0).toLocaleString();
  }
  const chart = document.querySelector("#chart polyline");
  if (!chart) return;
  document.getElementById("rate").textContent = now.rate;
  document.getElementById("left").textContent = now.left === null ? "" : `about ${now.left} s left`;
  const most = Math.max(1, ...now.rates);
  chart.setAttribute("points", now.rates.map((rate, at) => `${at},${30 - (28 * rate) / most}`).join(" "));
  const latest = document.getElementById("latest");
  latest.replaceChildren(
    ...now.latest.map((each) => {
      const line = document.createElement("li");
      line.textContent = `row ${each.row}: ${each.status}: ${each.message}`;
      return line;
    }),
  );
}

if (section) {
  const events = new EventSource(section.dataset.watch);
  events.onmessage = (event) => show(JSON.parse(event.data));
  events.addEventListener("ended", () => {
    events.close();
    location.assign(section.dataset.then);
  });
}
