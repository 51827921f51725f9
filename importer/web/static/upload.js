// A file is dropped or chosen, measured before it is sent, and its upload is shown and can be cancelled.
const form = document.querySelector("form.upload");
const input = form.elements.file;
const drop = form.querySelector(".drop");
const problem = document.getElementById("upload-problem");
const chosen = document.getElementById("file-chosen");
const progress = document.getElementById("upload-progress");
const bar = document.getElementById("upload-bar");
const words = document.getElementById("upload-words");
const said = document.getElementById("upload-said");
const cancel = document.getElementById("upload-cancel");
const go = document.getElementById("upload-go");
const note = document.getElementById("account-note");
let sending = null;

const size = (bytes) =>
  bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1024)).toLocaleString("en")} kB` : `${(bytes / 1048576).toFixed(1)} MB`;

function look() {
  const file = input.files[0];
  chosen.textContent = file ? `${file.name}, ${size(file.size)}` : "";
  problem.textContent =
    file && file.size > Number(form.dataset.largest)
      ? "This file is larger than what is taken here. Remove what is not needed, save it as .xlsx, or split it."
      : "";
  return file && !problem.textContent;
}

function showAccount() {
  const provider = form.elements.provider.selectedOptions[0];
  const account = form.elements.account.value;
  const has = !provider.value || provider.dataset.accounts.split(" ").includes(account);
  note.textContent = has ? "" : "There are no credentials for this provider and account on the server: a sheet can be checked, but not sent.";
}

input.addEventListener("change", look);
form.elements.provider.addEventListener("change", showAccount);
form.elements.account.addEventListener("change", showAccount);
showAccount();
if (input.files.length) look();

// The whole window takes a file, so that a near miss does not open it in the browser.
for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = sending ? "none" : "copy";
    drop.classList.add("over");
  });
}
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) drop.classList.remove("over");
});
addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (sending || !event.dataTransfer.files.length) return;
  if (event.dataTransfer.files.length > 1) {
    problem.textContent = "One spreadsheet at a time: drop a single file.";
    return;
  }
  input.files = event.dataTransfer.files;
  look();
  go.focus();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (sending || !look()) return;
  problem.textContent = "";
  send(new FormData(form));
});

// XMLHttpRequest, because fetch cannot tell how much was sent.
function send(data) {
  sending = new XMLHttpRequest();
  sending.open("POST", form.action);
  sending.setRequestHeader("Accept", "application/json");
  sending.responseType = "json";
  sending.upload.addEventListener("progress", show);
  sending.addEventListener("load", finish);
  sending.addEventListener("error", () =>
    stop("The connection was lost before the file had arrived. Nothing was kept of it: look at your network, then upload it again."),
  );
  sending.addEventListener("abort", () => stop("The upload was cancelled. Nothing was kept of it."));
  progress.hidden = false;
  go.disabled = true;
  words.textContent = said.textContent = "Uploading";
  bar.value = 0;
  cancel.focus();
  sending.send(data);
}

function show(event) {
  if (!event.lengthComputable) return;
  bar.value = Math.round((100 * event.loaded) / event.total);
  words.textContent =
    event.loaded < event.total
      ? `Uploading: ${size(event.loaded)} of ${size(event.total)}`
      : "It has arrived. Looking at its columns …";
}

function finish() {
  const { status, response } = sending;
  if (status === 200 && response?.go) {
    said.textContent = "It has arrived";
    location.assign(response.go);
    return;
  }
  stop(response?.error ?? "The server did not take the file. Nothing was kept of it: try again.");
}

function stop(message) {
  sending = null;
  progress.hidden = true;
  go.disabled = false;
  said.textContent = "";
  problem.textContent = message;
  go.focus();
}

cancel.addEventListener("click", () => sending?.abort());
addEventListener("beforeunload", (event) => {
  if (sending && sending.readyState !== XMLHttpRequest.DONE) event.preventDefault();
});
