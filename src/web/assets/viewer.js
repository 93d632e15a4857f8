// Shows a source beside the conversation, or over it where there is no room.

const app = document.getElementById("app");
const chat = document.getElementById("chat");
const viewer = document.getElementById("viewer");
const title = document.getElementById("viewer-title");
const tab = document.getElementById("viewer-tab");
const close = document.getElementById("viewer-close");
const beside = matchMedia("(min-width: 64rem)");
let opener = null;

/** The address of a source on this very server, or null where it is elsewhere. */
export function ownAddress(url) {
  const path = new URL(url, location.href);
  // The server signs links with the one address it knows; the page may have been opened under another.
  return /^\/source\/[^/]+$/.test(path.pathname) ? path.pathname + path.search + path.hash : null;
}

/** Opens an address that `ownAddress` gave; `from` gets the focus back when it is closed. */
export function open(address, name, from) {
  settle();
  opener = from;
  from.setAttribute("aria-expanded", "true");
  title.textContent = name;
  tab.href = address;
  // A fresh frame leaves no entry of its own in the history.
  const frame = document.getElementById("viewer-frame");
  const fresh = frame.cloneNode();
  fresh.src = address;
  frame.replaceWith(fresh);
  viewer.hidden = false;
  app.classList.add("reading");
  // "Back" closes the viewer, which on a phone is what people try first.
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

/** What the viewer covers cannot be reached while it does. */
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
