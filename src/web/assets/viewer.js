// Shows a source next to the conversation, or over it on small screens.

const app = document.getElementById("app");
const chat = document.getElementById("chat");
const viewer = document.getElementById("viewer");
const title = document.getElementById("viewer-title");
const tab = document.getElementById("viewer-tab");
const close = document.getElementById("viewer-close");
const beside = matchMedia("(min-width: 64rem)");
let opener = null;

/** Returns the address of a source on this server, or null if it is on another. */
export function ownAddress(url) {
  const path = new URL(url, location.href);
  // Links have the configured address of the server; the page may have been opened under another one.
  return /^\/source\/[^/]+$/.test(path.pathname) ? path.pathname + path.search + path.hash : null;
}

/** Opens an address that `ownAddress` returned; `from` gets the focus back on closing. */
export function open(address, name, from) {
  settle();
  opener = from;
  from.setAttribute("aria-expanded", "true");
  title.textContent = name;
  tab.href = address;
  // A new frame adds no entry to the history.
  const frame = document.getElementById("viewer-frame");
  const fresh = frame.cloneNode();
  fresh.src = address;
  frame.replaceWith(fresh);
  viewer.hidden = false;
  app.classList.add("reading");
  // "Back" closes the viewer, as people expect on a phone.
  if (!history.state?.viewer) history.pushState({ viewer: true }, "");
  cover();
  close.focus();
}

/** Closes the viewer. */
export function dismiss() {
  if (viewer.hidden) return;
  viewer.hidden = true;
  app.classList.remove("reading");
  cover();
  settle();
  opener?.focus();
  opener = null;
}

function settle() {
  opener?.setAttribute("aria-expanded", "false");
}

/** Makes the covered conversation inert while the viewer is open. */
function cover() {
  chat.inert = !viewer.hidden && !beside.matches;
  viewer.setAttribute("aria-modal", String(chat.inert));
}

close.addEventListener("click", dismiss);
beside.addEventListener("change", cover);
addEventListener("popstate", dismiss);
addEventListener("keydown", (press) => {
  if (press.key === "Escape") dismiss();
});
