// Shows how far the work is, as the server tells it, and goes on when it is over.
const section = document.querySelector("[data-watch]");
const words = document.getElementById("progress-words");
const said = document.getElementById("progress-said");
const problem = document.getElementById("progress-problem");
const bar = document.getElementById("progress-bar");
const title = document.title;

const number = (value) => value.toLocaleString("en");

function duration(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const PHASES = { checking: "Checking", sending: "Sending", settling: "Looking up lost answers", recording: "Recording", writing: "Writing the results" };

const checksFirst = (now) => now.phase === "checking" && now.kind !== "checking";

function state(now) {
  if (now.stopping) return "Stopping: those under way are finished";
  if (checksFirst(now)) return "Checking every row first";
  if (now.held) return "Paused";
  if (now.waits) return "Waiting: the provider has paused the account";
  return PHASES[now.phase] ?? PHASES[now.kind] ?? now.kind;
}

// Screen readers hear each change of state, and each tenth of the way; eyes see every number.
let heard = "";
function tell(now) {
  const tenth = now.total ? Math.floor((10 * now.done) / now.total) : 0;
  const mark = `${state(now)} ${tenth}`;
  if (mark === heard) return;
  heard = mark;
  said.textContent = now.total ? `${state(now)}, ${tenth * 10} %` : state(now);
}

function show(now) {
  problem.textContent = "";
  const waits = now.waits && !now.stopping && !now.held ? ` for ${duration(now.waits)}` : "";
  words.textContent = `${state(now)}${waits}: ${number(now.done)}${now.total ? ` of ${number(now.total)}` : ""} rows`;
  if (now.total) {
    bar.max = now.total;
    bar.value = now.done;
    const first = checksFirst(now) ? "Checking first, " : "";
    document.title = `${first}${Math.floor((100 * now.done) / now.total)} % · ${title}`;
  }
  for (const cell of document.querySelectorAll("[data-count]")) {
    const count = now.counts?.[cell.dataset.count] ?? 0;
    cell.textContent = number(count);
    cell.parentElement.hidden = !count;
  }
  tell(now);
  if (document.getElementById("chart")) showPace(now);
}

function showPace(now) {
  const doing = checksFirst(now) ? "Checking before it is sent" : "Sending";
  const heading = document.getElementById("doing");
  if (heading.textContent !== doing) heading.textContent = doing;
  document.getElementById("rate").textContent = now.rate;
  document.getElementById("left").textContent =
    now.held ? "paused" : now.left === null ? "not known yet" : `about ${duration(now.left)}`;
  draw(now.rates, now.allowed);
  showButtons(now);
  document.getElementById("latest").replaceChildren(...now.latest.map(line));
}

function draw(rates, allowed) {
  const chart = document.getElementById("chart");
  const most = Math.max(1, ...rates);
  const limit = allowed && allowed < 3 * most ? allowed : 0;
  const top = 1.1 * Math.max(most, limit);
  const height = (rate) => 30 - (30 * rate) / top;
  const points = rates.map((rate, at) => `${(120 * at) / (rates.length - 1)},${height(rate)}`).join(" ");
  chart.querySelector("polyline").setAttribute("points", points);
  chart.querySelector("polygon").setAttribute("points", `0,30 ${points} 120,30`);
  for (const end of ["y1", "y2"]) chart.querySelector("line").setAttribute(end, limit ? height(limit) : -9);
  document.getElementById("chart-words").textContent =
    `rows per second, at most ${number(most)}` + (limit ? `; dashed: the limit, ${number(Math.round(limit * 10) / 10)}` : "");
}

function line(each) {
  const item = document.createElement("li");
  const pill = document.createElement("span");
  pill.className = `pill s-${each.status}`;
  pill.textContent = each.status;
  item.append(pill, ` row ${each.row}: ${each.message}`);
  return item;
}

const hold = document.getElementById("hold");
const halt = document.getElementById("stop");

function showButtons(now) {
  const button = hold.querySelector("button");
  const label = now.held ? "Go on" : "Pause";
  if (button.textContent !== label) button.textContent = label;
  hold.action = hold.action.replace(/(pause|resume)$/, now.held ? "resume" : "pause");
  button.disabled = halt.querySelector("button").disabled = now.stopping;
}

// The buttons work without this too; with it the page stays where it is, and so does the focus.
for (const form of [hold, halt]) {
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) problem.textContent = (await answer.json()).error;
    } catch {
      problem.textContent = "The server cannot be reached, so this was not done. The import goes on there.";
    }
  });
}

function watch() {
  const events = new EventSource(section.dataset.watch);
  events.onmessage = (event) => show(JSON.parse(event.data));
  events.onerror = () => {
    problem.textContent =
      events.readyState === EventSource.CLOSED
        ? "This page hears nothing any more, perhaps because your session has ended. The import goes on: reload the page."
        : "The connection to the server is lost; trying again. The import does not depend on this page.";
  };
  events.addEventListener("again", () => {
    events.close();
    watch();
  });
  events.addEventListener("ended", () => {
    events.close();
    location.replace(section.dataset.then);
  });
}

if (section) watch();
