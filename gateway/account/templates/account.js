// Sends the token behind the # once its reader asks for it: a program that opens links spends nothing.
const form = document.querySelector("form");
const told = document.querySelector("[role=status]");
const token = new URLSearchParams(location.hash.slice(1) || location.search).get("token") || "";
history.replaceState(null, "", location.pathname);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const headers = {"content-type": "application/json", "accept-language": document.documentElement.lang};
  const body = JSON.stringify({[form.dataset.token]: token, ...Object.fromEntries(new FormData(form))});
  try {
    const answer = await fetch(form.dataset.action, {method: "POST", headers, body});
    const found = await answer.json();
    form.hidden = answer.ok;
    const broken = (found.error?.details || found).validation_errors?.[0];
    const why = broken?.message || found.error?.message || found.detail;
    told.textContent = answer.ok ? form.dataset.done : why || form.dataset.failed;
  } catch {
    told.textContent = form.dataset.failed;
  }
});
