// <time-ago show="ago"><time datetime="2026-11-23T14:02:00Z" title="23 Nov 2026, 14:02:00 UTC">…</time></time-ago>
// The reader's own zone; show is "", "day", "seconds", "ago" (while it is near) or "both".
const NEAR = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600]];

const zone = document.getElementById("zone"); // without scripts times stay in UTC, as the page says
if (zone) zone.textContent = "Times are in your zone; hover or focus for UTC";

customElements.define("time-ago", class extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const moment = new Date(time?.dateTime);
    if (Number.isNaN(moment.getTime())) return;
    const show = this.getAttribute("show");
    const own = this.own(moment, show);
    const utc = time.textContent.split(", ");
    const sameDay = own.startsWith(`${utc[0]},`);
    if (show === "both") time.textContent = `${own} (${sameDay ? utc[1] : utc.join(", ")})`;
    else time.textContent = (show === "ago" && this.near(moment)) || own;
    time.title ||= this.exact(moment); // long lists leave it out
    time.tabIndex = 0; // so that the keyboard reaches the exact UTC in the title
  }

  own(moment, show) {
    const date = moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
    if (show === "day") return date;
    const clock = { hour: "2-digit", minute: "2-digit", second: show === "seconds" ? "2-digit" : undefined };
    return `${date}, ${moment.toLocaleTimeString("en-GB", clock)}`;
  }

  exact(moment) {
    const parts = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" };
    return `${moment.toLocaleString("en-GB", { ...parts, timeZone: "UTC" })} UTC`;
  }

  near(moment) {
    const seconds = (moment - Date.now()) / 1000;
    const [, unit, size] = NEAR.find(([limit]) => Math.abs(seconds) < limit) ?? [];
    return unit && new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.round(seconds / size), unit);
  }
});
