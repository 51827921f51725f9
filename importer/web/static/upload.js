// A file that is too large is told before it is sent.
const form = document.querySelector("form.upload");
form.addEventListener("submit", (event) => {
  const file = form.elements.file.files[0];
  if (file && file.size > Number(form.dataset.largest)) {
    event.preventDefault();
    document.getElementById("upload-problem").textContent =
      "This file is larger than what is taken here. Remove what is not needed, save it as .xlsx, or split it.";
  }
});
