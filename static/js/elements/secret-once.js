// <secret-once>…</secret-once>: what it holds leaves the page when the reader does, so that going back shows nothing.
customElements.define("secret-once", class extends HTMLElement {
  connectedCallback() {
    addEventListener("pagehide", this);
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this);
  }

  handleEvent() {
    const note = document.createElement("p");
    note.textContent = "Hidden, because you left this page. Open the hand-over again to see the values.";
    this.replaceChildren(note);
  }
});
