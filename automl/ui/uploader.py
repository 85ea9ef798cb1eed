"""The control that takes a file: dropped or chosen, sent to the disk with its progress shown."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from automl import wording
from automl.ui import uploads, widgets
from automl.ui.state import workspace


@dataclass(frozen=True)
class Sent:
    """A file that has arrived; whoever takes it moves or removes it."""

    path: Path
    name: str


HTML = """
<label class="zone" part="zone">
  <input type="file">
  <span class="say"><b></b><span class="hint"></span></span>
  <span class="button">Browse files</span>
</label>
<div class="bar" hidden><i></i></div>
<div class="error" role="alert" hidden></div>
"""
CSS = """
.zone{display:flex;align-items:center;justify-content:space-between;gap:1rem;padding:1rem 1.1rem;cursor:pointer;
  border:1px dashed color-mix(in srgb,var(--st-text-color) 30%,transparent);border-radius:var(--st-base-radius);
  background:var(--st-secondary-background-color);color:var(--st-text-color);font-family:var(--st-font)}
.zone.over,.zone:focus-within{border-color:var(--st-primary-color);border-style:solid}
.zone.busy{cursor:default;opacity:.85}
input{position:absolute;opacity:0;width:1px;height:1px}
.say{display:flex;flex-direction:column;gap:.15rem;min-width:0;overflow-wrap:anywhere}
b{font-weight:600}
.hint{font-size:.86rem;opacity:.78}
.button{flex:none;padding:.4rem .85rem;border-radius:var(--st-button-radius);font-size:.92rem;
  border:1px solid color-mix(in srgb,var(--st-text-color) 25%,transparent);background:var(--st-background-color)}
.busy .button{visibility:hidden}
.bar{height:6px;margin-top:.5rem;border-radius:3px;overflow:hidden;
  background:color-mix(in srgb,var(--st-text-color) 12%,transparent)}
.bar i{display:block;height:100%;width:0;background:var(--st-primary-color);transition:width .2s}
.error{margin-top:.5rem;color:#c0322a;font-family:var(--st-font);font-size:.92rem}
[hidden]{display:none}
@media(max-width:480px){.zone{flex-direction:column;align-items:flex-start}}
"""
JS = """
export default function (component) {
  const root = component.parentElement
  root.latest = component
  const find = (name) => root.querySelector(name)
  const [zone, input, title, hint, bar, fill, error] =
    [".zone", "input", "b", ".hint", ".bar", ".bar i", ".error"].map(find)
  const rest = () => {
    zone.classList.remove("busy")
    input.disabled = false
    input.value = ""
    bar.hidden = true
    title.textContent = root.latest.data.label
    hint.textContent = root.latest.data.hint
  }
  const fail = (sentence) => {
    error.textContent = sentence
    error.hidden = false
    rest()
  }
  if (!root.request) rest()
  // a file that was under way when page or app were stopped: there is a new ticket, and nobody took the old one
  const left = JSON.parse(sessionStorage.getItem("foretable-upload") || "null")
  if (left && !root.request && left.ticket !== component.data.ticket) {
    sessionStorage.removeItem("foretable-upload")
    if (!component.data.taken.includes(left.ticket))
      fail(`${left.name} was not read: the upload or the app was stopped. Upload the file again.`)
  }
  input.setAttribute("aria-label", component.data.label)
  if (root.ready) return
  root.ready = true

  const size = (bytes) =>
    bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
  const send = (file) => {
    const { data, setTriggerValue } = root.latest
    error.hidden = true
    if (file.size > data.most) return fail(data.too_large.replace("SIZE", size(file.size)))
    const request = new XMLHttpRequest()
    root.request = request
    sessionStorage.setItem("foretable-upload", JSON.stringify({ ticket: data.ticket, name: file.name }))
    zone.classList.add("busy")
    input.disabled = true
    bar.hidden = false
    fill.style.width = "0"
    title.textContent = file.name
    const started = Date.now()
    request.upload.onprogress = (event) => {
      const share = event.loaded / event.total
      const left = Math.round(((Date.now() - started) / 1000) * (1 / share - 1))
      fill.style.width = `${100 * share}%`
      hint.textContent = `${size(event.loaded)} of ${size(event.total)} sent` + (left > 2 ? `, about ${left} s left` : "")
    }
    request.upload.onload = () => { hint.textContent = "Reading the file" }
    request.onerror = () => { root.request = null; fail("The connection was lost. Upload the file again.") }
    request.onload = () => {
      root.request = null
      if (request.status === 200) return setTriggerValue("file", { ticket: data.ticket, name: file.name })
      sessionStorage.removeItem("foretable-upload")
      let sentence = "The file could not be taken. Load the page again."
      try { sentence = JSON.parse(request.responseText).error || sentence } catch { }
      fail(sentence)
    }
    request.open("PUT", data.path)
    request.setRequestHeader("Content-Type", "application/octet-stream")
    request.send(file)
  }
  input.onchange = () => { if (input.files.length) send(input.files[0]) }
  zone.ondragover = (event) => { event.preventDefault(); zone.classList.add("over") }
  zone.ondragleave = () => zone.classList.remove("over")
  zone.ondrop = (event) => {
    event.preventDefault()
    zone.classList.remove("over")
    if (event.dataTransfer.files.length && !root.request) send(event.dataTransfer.files[0])
  }
  return () => { if (root.request) root.request.abort() }
}
"""


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    return st.components.v2.component("foretable_upload", html=HTML, css=CSS, js=JS)


def show(label: str, *, key: str, hint: str) -> Sent | None:
    """A control for one file; returns it once, when it has arrived."""
    if not uploads.are_open():
        return _plain(label, key, hint)
    ticket = st.session_state.setdefault(f"{key}-ticket", uploads.ticket())
    most = wording.filesize(uploads.most_bytes())
    found = _component()(
        key=key,
        data={
            "label": label,
            "hint": f"{hint} Up to {most}.",
            "ticket": ticket,
            "path": uploads.PATH.format(ticket=ticket),
            "taken": uploads.taken(),
            "most": uploads.most_bytes(),
            "too_large": uploads.too_large(0).replace(wording.filesize(0), "SIZE", 1),
        },
        on_file_change=lambda: None,
    )
    if sentence := st.session_state.pop(f"{key}-error", None):
        _error(sentence)
    if not found.file:
        return None
    del st.session_state[f"{key}-ticket"]
    return Sent(uploads.take(found.file["ticket"]), Path(str(found.file["name"])).name)


def refuse(sentence: str, *, key: str) -> None:
    """Say what was wrong with the file, with the control ready for another one."""
    if not uploads.are_open():
        _error(sentence)
        return
    st.session_state[f"{key}-error"] = sentence
    st.rerun()


def make_ready() -> None:
    """Draw the page again, with the control ready for another file."""
    if uploads.are_open():
        st.rerun()


def _error(sentence: str) -> None:
    st.error(widgets.plain(sentence), icon=":material/error:")


def _plain(label: str, key: str, hint: str) -> Sent | None:
    """Streamlit's own, where the pages are served without our route."""
    file = st.file_uploader(label, key=key, help=hint)
    if file is None:
        return None
    with tempfile.NamedTemporaryFile(dir=workspace().staging, prefix="upload-", delete=False) as staged:
        staged.write(file.getbuffer())
    return Sent(Path(staged.name), Path(file.name).name)
