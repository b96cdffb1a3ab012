// <open-dialog for="revoke"><a href="/…/revocation/">Revoke …</a></open-dialog>: the link becomes a button that opens the
// dialog, where the browser knows how; elsewhere it stays a link to the page that asks the same.
customElements.define("open-dialog", class extends HTMLElement {
  connectedCallback() {
    const link = this.querySelector("a");
    if (!link || !("commandForElement" in HTMLButtonElement.prototype)) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = link.className;
    button.append(...link.childNodes);
    button.setAttribute("commandfor", this.getAttribute("for"));
    button.setAttribute("command", "show-modal");
    link.replaceWith(button);
  }
});
