import "./left.scss";

// MiroTalk leads its frame here when the call is left, and says nothing itself. The room around the frame is of our own
// origin, and takes this from nobody else. Opened by itself the page has nobody to tell.
if (window.parent !== window) {
  window.parent.postMessage({ type: "conference:left" }, window.location.origin);
}
