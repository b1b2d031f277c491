"""What the browser does by itself: keys, pictures that are dropped on the page, the address it shows."""

from bokeh.document import Document
from bokeh.events import ConnectionLost, DocumentReady
from bokeh.models import CustomJS

from flows.view.controls import Controls

KEYS = """
document.addEventListener("keydown", (event) => {
  const path = event.composedPath()
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (path.some((each) => /^(INPUT|SELECT|TEXTAREA|BUTTON|A)$/.test(each.tagName || "") ||
      (each.getAttribute && each.getAttribute("role") == "slider"))) {
    if (!/^[ixtf\\[\\]]$/.test(event.key) || path[0].tagName == "INPUT" || path[0].tagName == "SELECT") return
  }
  const held = (value, low, high) => Math.min(high, Math.max(low, value))
  const move = {ArrowLeft: -1, ArrowRight: 1}[event.key]
  const kind = {i: 0, x: 1, t: 2}[event.key]
  const change = {"[": -0.02, "]": 0.02}[event.key]
  if (move) {
    const by = number.step * move * (event.shiftKey ? 10 : 1)
    number.value = held(number.value + by, number.low, number.high)
  }
  else if (kind !== undefined) axis.active = kind
  else if (event.key == "f") faults.active = !faults.active
  else if (change) {
    const value = held(Math.round((threshold.value + change) * 100) / 100, threshold.start, threshold.end)
    threshold.setv({value, value_throttled: value})
  }
  else return
  event.preventDefault()
})
"""

DROPS = """
// Of a picture of the same name the server hears only where it was forgotten before.
const nothing = {value: "", filename: "", mime_type: ""}
document.addEventListener("click", (event) => {
  const chooser = event.composedPath()[0]
  if (chooser.type != "file") return
  chooser.value = ""
  picture.setv(nothing)
})
document.addEventListener("dragover", (event) => event.preventDefault())
document.addEventListener("drop", (event) => {
  event.preventDefault()
  const file = event.dataTransfer && event.dataTransfer.files[0]
  if (!file) return
  const reader = new FileReader()
  reader.onload = () => {
    const [head, body] = reader.result.split(",", 2)
    picture.setv(nothing)
    picture.setv({value: body || "", filename: file.name, mime_type: head.split(":")[1].split(";")[0]})
  }
  reader.readAsDataURL(file)
})
"""

ADDRESS = """
const here = new URLSearchParams(window.location.search)
for (const [name, value] of new URLSearchParams(address.value))
  if (value == "") here.delete(name)
  else here.set(name, value)
window.history.replaceState(null, "", "?" + here.toString())
"""

LOST = """
status.text = '<p class="line wrong">The program behind this page has ended: press the button in OpendTect ' +
              "again, or start 'graben view'.</p>"
"""


def attach(document: Document, controls: Controls) -> None:
    """Give the browser what it does by itself."""
    models = {
        name: getattr(controls, name)
        for name in ("number", "axis", "faults", "threshold", "picture", "address", "status")
    }
    # What is set before the browser is there is no change for it.
    document.js_on_event(DocumentReady, CustomJS(args=models, code=KEYS + DROPS + ADDRESS))
    document.js_on_event(ConnectionLost, CustomJS(args=models, code=LOST))
    controls.address.js_on_change("value", CustomJS(args=models, code=ADDRESS))
