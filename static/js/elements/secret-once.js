// <secret-once>…</secret-once>: what it holds leaves the page when the reader does, so that going back
// shows nothing, and when the time is over.
customElements.define("secret-once", class extends HTMLElement {
  connectedCallback() {
    history.replaceState(null, "", location.href); // coming back asks for this address again, and posts nothing
    addEventListener("pagehide", this);
    document.addEventListener("time-over", this);
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this);
    document.removeEventListener("time-over", this);
  }

  handleEvent(event) {
    const note = document.createElement("p");
    note.textContent = event.type === "pagehide"
      ? "Hidden, because you left this page. Open the hand-over again to see the values."
      : "Hidden, because the time is over. The passwords are gone for good.";
    this.replaceChildren(note);
  }
});
